#include "harness/run/channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <thread>
#include <utility>

#include "harness/run/memory_file.h"
#include "tests/support/harness/messages.h"

namespace wan::run {
namespace {

struct Ends {
  Channel ours, theirs;
  Ends() : Ends(make_socket_pair()) {}
  explicit Ends(std::pair<UniqueFd, UniqueFd> sockets) : ours(std::move(sockets.first)), theirs(std::move(sockets.second)) {}
};

TEST(Frame, ComesInPiecesOrSeveralAtOnce) {
  std::string stream;
  const auto messages = testing::one_of_each_message();
  for (const auto& message : messages) stream += to_frame(message);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{5}, stream.size()}) {
    FrameReader reader;
    std::vector<std::string> read;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      reader.feed(std::string_view(stream).substr(at, piece));
      while (const auto message = reader.next()) read.push_back(to_json(*message));
    }
    ASSERT_EQ(read.size(), messages.size());
    for (std::size_t i = 0; i < read.size(); ++i) EXPECT_EQ(read[i], to_json(messages[i]));
  }
}

TEST(Frame, RefusesALengthThatIsNotOurs) {
  FrameReader reader;
  reader.feed(std::string(4, '\xff'));
  EXPECT_THROW(reader.next(), ProtocolError);
  FrameReader empty;
  empty.feed(std::string(4, '\0'));
  EXPECT_THROW(empty.next(), ProtocolError) << "a message is not nothing";
}

TEST(Channel, CarriesMessagesBothWays) {
  Ends ends;
  ends.ours.send(Cancel{.id = 3});
  ends.ours.send(Beat{});
  EXPECT_EQ(std::get<Cancel>(ends.theirs.receive(1)->message).id, 3U);
  EXPECT_TRUE(std::holds_alternative<Beat>(ends.theirs.receive(1)->message));
  EXPECT_FALSE(ends.theirs.receive(0.01).has_value());
  ends.theirs.send(StepDone{.done = 1, .total = 2});
  EXPECT_EQ(std::get<StepDone>(ends.ours.receive(1)->message).total, 2);
}

TEST(Channel, CarriesMoreThanASocketHolds) {
  Ends ends;
  const std::string text(3 << 20, 'x');
  std::thread sender([&] { ends.ours.send(Failed{.text = text}); });
  EXPECT_EQ(std::get<Failed>(ends.theirs.receive(10)->message).text, text);
  sender.join();
}

TEST(Channel, SaysThatTheOtherEndIsGone) {
  Ends ends;
  ends.ours.send(Beat{});
  ends.ours.close();
  EXPECT_TRUE(ends.theirs.receive(1).has_value()) << "what was said before is heard";
  EXPECT_THROW(ends.theirs.receive(1), ChannelClosed);
  EXPECT_THROW(ends.theirs.send(Beat{}), ChannelClosed);
}

TEST(Channel, CarriesAClipBesideItsMessage) {
  Ends ends;
  GenerationResult result{.clip = {.frames = 1, .height = 2, .width = 1, .rgb = {1, 2, 3, 4, 5, 6}},
                          .stages = {},
                          .latents = {.shape = {1, 1, 1, 2}, .values = {0.5F, -2.0F}}};
  {
    const UniqueFd file = write_memory_file(result);
    ends.ours.send(Generated{.result = result}, file.get());
  }
  ends.ours.send(Beat{});
  auto received = ends.theirs.receive(1);
  GenerationResult again = std::get<Generated>(received->message).result;
  EXPECT_TRUE(again.clip.rgb.empty());
  read_memory_file(received->file, again);
  EXPECT_EQ(again.clip.rgb, result.clip.rgb);
  EXPECT_EQ(again.latents.values, result.latents.values);
  EXPECT_NE(::fcntl(received->file.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(MemoryFile, RefusesSizesThatItDoesNotHold) {
  const GenerationResult empty{.clip = {}, .stages = {}};
  const UniqueFd file = write_memory_file(empty);
  for (const VideoClip& clip : {VideoClip{.frames = 1, .height = 1, .width = 1}, VideoClip{.frames = -1, .height = -1, .width = 0},
                                VideoClip{.frames = std::int64_t{1} << 40, .height = std::int64_t{1} << 40, .width = 1}}) {
    GenerationResult result{.clip = clip, .stages = {}};
    EXPECT_THROW(read_memory_file(file, result), ProtocolError);
  }
  GenerationResult latents{.clip = {}, .stages = {}, .latents = {.shape = {std::int64_t{1} << 62}}};
  EXPECT_THROW(read_memory_file(file, latents), ProtocolError);
  GenerationResult nothing{.clip = {}, .stages = {}};
  EXPECT_NO_THROW(read_memory_file(file, nothing));
  EXPECT_THROW(read_memory_file(UniqueFd{}, nothing), std::system_error) << "no file came";
}

}  // namespace
}  // namespace wan::run
