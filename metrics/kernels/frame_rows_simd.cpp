// Loops that the compiler turns into vectors of the level's width; 16 pixels at a time where bytes of three channels have to be parted.
#include "metrics/kernels/frame_rows.h"

namespace wan::metrics::WAN_SIMD {
namespace {

typedef std::uint8_t Bytes __attribute__((vector_size(16)));
constexpr std::size_t kLanes = 16;
constexpr std::size_t kWide = 64;
// A sum of 16-bit terms of up to 255 * 255 fits 32 bits for as many pixels a lane.
constexpr std::size_t kBlock = 65536;

int magnitude(int value) { return value < 0 ? -value : value; }

Bytes load(const std::uint8_t* from) {
  Bytes value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

struct Channels {
  Bytes r, g, b;
};

// 48 bytes of interleaved channels.
Channels part(const std::uint8_t* from) {
  const Bytes a = load(from), b = load(from + 16), c = load(from + 32);
  // Indices from 16 on are of the second operand; a first shuffle takes what lies in the first two vectors.
  constexpr Bytes r0{0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0}, r1{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29};
  constexpr Bytes g0{1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0}, g1{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30};
  constexpr Bytes b0{2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0}, b1{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31};
  return {__builtin_shuffle(__builtin_shuffle(a, b, r0), c, r1), __builtin_shuffle(__builtin_shuffle(a, b, g0), c, g1),
          __builtin_shuffle(__builtin_shuffle(a, b, b0), c, b1)};
}

// Pixels a chunk: planes that stay in the first-level cache, and counters that a byte or 32 bits hold.
constexpr std::size_t kChunk = 1024;

struct Planes {
  std::uint8_t channel[3][kChunk];
};

void part(const std::uint8_t* rgb, std::size_t count, Planes& planes) {
  std::size_t x = 0;
  for (; x + kLanes <= count; x += kLanes) {
    const Channels c = part(rgb + 3 * x);
    __builtin_memcpy(planes.channel[0] + x, &c.r, kLanes);
    __builtin_memcpy(planes.channel[1] + x, &c.g, kLanes);
    __builtin_memcpy(planes.channel[2] + x, &c.b, kLanes);
  }
  for (; x < count; ++x)
    for (std::size_t c = 0; c < 3; ++c) planes.channel[c][x] = rgb[3 * x + c];
}

constexpr std::uint8_t kZeros[kChunk] = {};

// The sum is written as one of absolute differences, for which there is an instruction.
void add_moments(const std::uint8_t* plane, std::size_t count, std::uint64_t& sum, std::uint64_t& squares) {
  int values = 0, products = 0;
  for (std::size_t x = 0; x < count; ++x) values += magnitude(plane[x] - kZeros[x]);
  for (std::size_t x = 0; x < count; ++x) {
    const short value = plane[x];
    products += value * value;
  }
  sum += static_cast<std::uint64_t>(values);
  squares += static_cast<std::uint64_t>(products);
}

// Counts bytes for which `holds` is 1: 255 additions fit a byte, so the compiler widens once a group.
template <typename Holds>
std::uint64_t count_bytes(std::size_t count, Holds holds) {
  std::uint64_t total = 0;
  std::size_t x = 0;
  while (x + kWide <= count) {
    const std::size_t left = (count - x) / kWide, groups = left < 255 ? left : 255;
    std::uint8_t lanes[kWide] = {};
    for (std::size_t k = 0; k < groups; ++k, x += kWide)
      for (std::size_t j = 0; j < kWide; ++j) lanes[j] = static_cast<std::uint8_t>(lanes[j] + holds(x + j));
    for (std::size_t j = 0; j < kWide; ++j) total += lanes[j];
  }
  for (; x < count; ++x) total += holds(x);
  return total;
}

void add_counts(const Planes& planes, std::size_t count, ColourSums& sums) {
  const std::uint8_t *r = planes.channel[0], *g = planes.channel[1], *b = planes.channel[2];
  std::uint8_t high[kChunk], low[kChunk];
  int chroma = 0;
  for (std::size_t x = 0; x < count; ++x) {
    const std::uint8_t most = r[x] > g[x] ? r[x] : g[x], least = r[x] < g[x] ? r[x] : g[x];
    high[x] = most > b[x] ? most : b[x];
    low[x] = least < b[x] ? least : b[x];
  }
  for (std::size_t x = 0; x < count; ++x) chroma += magnitude(high[x] - low[x]);
  sums.chroma += static_cast<std::uint64_t>(chroma);
  sums.dark += count_bytes(count, [&](std::size_t x) { return static_cast<std::uint8_t>(high[x] <= kDark); });
  sums.bright += count_bytes(count, [&](std::size_t x) { return static_cast<std::uint8_t>(low[x] >= kBright); });
}

void colour(const std::uint8_t* rgb, std::size_t width, std::uint8_t* luma, ColourSums& sums, std::uint32_t* histogram) {
  // Several tables: equal neighbours would wait for each other's increment.
  constexpr std::size_t kTables = 8;
  std::uint32_t tables[kTables][256] = {};
  sums.clipped +=
      count_bytes(3 * width, [&](std::size_t i) { return static_cast<std::uint8_t>(static_cast<std::uint8_t>(rgb[i] + 1) <= 1); });
  for (std::size_t start = 0; start < width; start += kChunk) {
    const std::size_t count = width - start < kChunk ? width - start : kChunk;
    Planes planes;
    part(rgb + 3 * start, count, planes);
    for (std::size_t c = 0; c < 3; ++c) add_moments(planes.channel[c], count, sums.sum[c], sums.squares[c]);
    add_counts(planes, count, sums);
    std::uint8_t* y = luma + start;
    for (std::size_t x = 0; x < count; ++x) {
      const unsigned short weighted =
          static_cast<unsigned short>(77 * planes.channel[0][x] + 150 * planes.channel[1][x] + 29 * planes.channel[2][x] + 128);
      y[x] = static_cast<std::uint8_t>(weighted >> 8);
    }
    std::size_t x = 0;
    for (; x + kTables <= count; x += kTables)
      for (std::size_t k = 0; k < kTables; ++k) ++tables[k][y[x + k]];
    for (; x < count; ++x) ++tables[0][y[x]];
  }
  for (const auto& table : tables)
    for (std::size_t bin = 0; bin < 256; ++bin) histogram[bin] += table[bin];
}

void edges(const std::uint8_t* a, const std::uint8_t* b, std::size_t count, std::uint32_t* sums) {
  for (std::size_t i = 0; i < count; ++i) sums[i] += static_cast<std::uint32_t>(magnitude(a[i] - b[i]));
}

std::uint64_t absolute_error(const std::uint8_t* a, const std::uint8_t* b, std::size_t count) {
  std::uint64_t sum = 0;
  for (std::size_t start = 0; start < count; start += kBlock) {
    const std::size_t end = count - start < kBlock ? count : start + kBlock;
    int block = 0;
    for (std::size_t i = start; i < end; ++i) block += magnitude(a[i] - b[i]);
    sum += static_cast<std::uint64_t>(block);
  }
  return sum;
}

std::uint64_t squared_error(const std::uint8_t* a, const std::uint8_t* b, std::size_t count) {
  constexpr std::size_t kShort = 4096;  // 4096 * 255^2 < 2^31
  std::uint64_t sum = 0;
  for (std::size_t start = 0; start < count; start += kShort) {
    const std::size_t end = count - start < kShort ? count : start + kShort;
    int block = 0;
    for (std::size_t i = start; i < end; ++i) {
      const short difference = static_cast<short>(a[i] - b[i]);
      block += difference * difference;
    }
    sum += static_cast<std::uint64_t>(block);
  }
  return sum;
}

std::uint64_t detail(const std::uint8_t* above, const std::uint8_t* row, const std::uint8_t* below, std::size_t width) {
  std::uint64_t sum = 0;
  short columns[kChunk + 2];
  for (std::size_t start = 0; start + 2 < width; start += kChunk) {
    const std::size_t count = width - start - 2 < kChunk ? width - start - 2 : kChunk;
    for (std::size_t i = 0; i < count + 2; ++i) columns[i] = static_cast<short>(above[start + i] - 2 * row[start + i] + below[start + i]);
    int block = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const short curve = static_cast<short>(columns[i] - 2 * columns[i + 1] + columns[i + 2]);
      block += static_cast<short>(curve < 0 ? -curve : curve);
    }
    sum += static_cast<std::uint64_t>(block);
  }
  return sum;
}

std::uint64_t bands(const std::uint8_t* row, std::size_t width) {
  if (width < 6) return 0;
  const std::uint8_t* const at = row + 2;
  return count_bytes(width - 5, [&](std::size_t x) {
    const std::uint8_t here = at[x], next = at[x + 1];
    const std::uint8_t step = static_cast<std::uint8_t>(here > next ? here - next : next - here);
    return static_cast<std::uint8_t>((static_cast<std::uint8_t>(step - 2) <= 22) & (at[x - 2] == here) & (at[x - 1] == here) &
                                     (at[x + 2] == next) & (at[x + 3] == next));
  });
}

void flicker(const std::uint8_t* const reference[3], const std::uint8_t* const candidate[3], std::size_t width, std::uint64_t still[3]) {
  const std::uint8_t *r0 = reference[0], *r1 = reference[1], *r2 = reference[2];
  const std::uint8_t *c0 = candidate[0], *c1 = candidate[1], *c2 = candidate[2];
  for (std::size_t start = 0; start < width; start += kBlock) {
    const std::size_t end = width - start < kBlock ? width : start + kBlock;
    int pixels = 0, in_reference = 0, in_candidate = 0;
    for (std::size_t x = start; x < end; ++x) {
      const short stands = magnitude(r2[x] - r0[x]) <= kStill ? 1 : 0;
      pixels += stands;
      in_reference += stands * static_cast<short>(magnitude(r0[x] - 2 * r1[x] + r2[x]));
      in_candidate += stands * static_cast<short>(magnitude(c0[x] - 2 * c1[x] + c2[x]));
    }
    still[0] += static_cast<std::uint64_t>(pixels);
    still[1] += static_cast<std::uint64_t>(in_reference);
    still[2] += static_cast<std::uint64_t>(in_candidate);
  }
}

void still_step(const std::uint8_t* const reference[2], const std::uint8_t* const candidate[2], std::size_t width, std::uint64_t still[3]) {
  const std::uint8_t *r0 = reference[0], *r1 = reference[1], *c0 = candidate[0], *c1 = candidate[1];
  for (std::size_t start = 0; start < width; start += kBlock) {
    const std::size_t end = width - start < kBlock ? width : start + kBlock;
    int pixels = 0, in_reference = 0, in_candidate = 0;
    for (std::size_t x = start; x < end; ++x) {
      const short step = static_cast<short>(magnitude(r1[x] - r0[x]));
      const short stands = step <= kStill ? 1 : 0;
      pixels += stands;
      in_reference += stands * step;
      in_candidate += stands * static_cast<short>(magnitude(c1[x] - c0[x]));
    }
    still[0] += static_cast<std::uint64_t>(pixels);
    still[1] += static_cast<std::uint64_t>(in_reference);
    still[2] += static_cast<std::uint64_t>(in_candidate);
  }
}

}  // namespace

extern const FrameRowKernels frame_rows;
const FrameRowKernels frame_rows{.colour = colour,
                                 .edges = edges,
                                 .absolute_error = absolute_error,
                                 .squared_error = squared_error,
                                 .detail = detail,
                                 .bands = bands,
                                 .flicker = flicker,
                                 .still_step = still_step};

}  // namespace wan::metrics::WAN_SIMD
