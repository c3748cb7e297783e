#include "engine/train/world/caption.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/train/world/random.h"

namespace wan::world {
namespace {

enum class Slot { count, size, texture, colour, shape, motion, direction, turn, speed, relation, tone, pattern, pan, place, filler };
enum class Form { any, one, many };  // where a word's number matters

struct Phrase {
  Slot slot;
  int value;
  std::string_view text;  // lower-case words
  Form form = Form::any;
};

template <typename Value>
constexpr int as_int(Value value) {
  return static_cast<int>(value);
}

constexpr Phrase kLexicon[] = {
    {Slot::count, 2, "two"},
    {Slot::count, 3, "three"},
    {Slot::size, as_int(Size::small), "small"},
    {Slot::size, as_int(Size::small), "little"},
    {Slot::size, as_int(Size::large), "large"},
    {Slot::size, as_int(Size::large), "big"},
    {Slot::texture, as_int(Texture::striped), "striped"},
    {Slot::texture, as_int(Texture::dotted), "dotted"},
    {Slot::texture, as_int(Texture::dotted), "spotted"},
    {Slot::colour, as_int(Colour::red), "red"},
    {Slot::colour, as_int(Colour::orange), "orange"},
    {Slot::colour, as_int(Colour::yellow), "yellow"},
    {Slot::colour, as_int(Colour::green), "green"},
    {Slot::colour, as_int(Colour::cyan), "cyan"},
    {Slot::colour, as_int(Colour::cyan), "turquoise"},
    {Slot::colour, as_int(Colour::blue), "blue"},
    {Slot::colour, as_int(Colour::purple), "purple"},
    {Slot::colour, as_int(Colour::purple), "violet"},
    {Slot::colour, as_int(Colour::white), "white"},
    {Slot::shape, as_int(Shape::circle), "circle", Form::one},
    {Slot::shape, as_int(Shape::circle), "circles", Form::many},
    {Slot::shape, as_int(Shape::circle), "disc", Form::one},
    {Slot::shape, as_int(Shape::circle), "discs", Form::many},
    {Slot::shape, as_int(Shape::square), "square", Form::one},
    {Slot::shape, as_int(Shape::square), "squares", Form::many},
    {Slot::shape, as_int(Shape::triangle), "triangle", Form::one},
    {Slot::shape, as_int(Shape::triangle), "triangles", Form::many},
    {Slot::shape, as_int(Shape::star), "star", Form::one},
    {Slot::shape, as_int(Shape::star), "stars", Form::many},
    {Slot::shape, as_int(Shape::ring), "ring", Form::one},
    {Slot::shape, as_int(Shape::ring), "rings", Form::many},
    {Slot::shape, as_int(Shape::ring), "hoop", Form::one},
    {Slot::shape, as_int(Shape::ring), "hoops", Form::many},
    {Slot::shape, as_int(Shape::cross), "cross", Form::one},
    {Slot::shape, as_int(Shape::cross), "crosses", Form::many},
    {Slot::shape, as_int(Shape::cross), "plus sign", Form::one},
    {Slot::shape, as_int(Shape::cross), "plus signs", Form::many},
    {Slot::motion, as_int(Motion::still), "stays still", Form::one},
    {Slot::motion, as_int(Motion::still), "stay still", Form::many},
    {Slot::motion, as_int(Motion::still), "does not move", Form::one},
    {Slot::motion, as_int(Motion::still), "do not move", Form::many},
    {Slot::motion, as_int(Motion::move), "moves", Form::one},
    {Slot::motion, as_int(Motion::move), "move", Form::many},
    {Slot::motion, as_int(Motion::move), "slides", Form::one},
    {Slot::motion, as_int(Motion::move), "slide", Form::many},
    {Slot::motion, as_int(Motion::move), "drifts", Form::one},
    {Slot::motion, as_int(Motion::move), "drift", Form::many},
    {Slot::motion, as_int(Motion::rotate), "rotates", Form::one},
    {Slot::motion, as_int(Motion::rotate), "rotate", Form::many},
    {Slot::motion, as_int(Motion::rotate), "spins", Form::one},
    {Slot::motion, as_int(Motion::rotate), "spin", Form::many},
    {Slot::motion, as_int(Motion::grow), "grows", Form::one},
    {Slot::motion, as_int(Motion::grow), "grow", Form::many},
    {Slot::motion, as_int(Motion::grow), "gets bigger", Form::one},
    {Slot::motion, as_int(Motion::grow), "get bigger", Form::many},
    {Slot::motion, as_int(Motion::shrink), "shrinks", Form::one},
    {Slot::motion, as_int(Motion::shrink), "shrink", Form::many},
    {Slot::motion, as_int(Motion::shrink), "gets smaller", Form::one},
    {Slot::motion, as_int(Motion::shrink), "get smaller", Form::many},
    {Slot::motion, as_int(Motion::bounce), "bounces", Form::one},
    {Slot::motion, as_int(Motion::bounce), "bounce", Form::many},
    {Slot::motion, as_int(Motion::bounce), "bounces up and down", Form::one},
    {Slot::motion, as_int(Motion::bounce), "bounce up and down", Form::many},
    {Slot::motion, as_int(Motion::orbit), "orbits", Form::one},
    {Slot::motion, as_int(Motion::orbit), "circles around", Form::one},
    {Slot::motion, as_int(Motion::appear), "appears", Form::one},
    {Slot::motion, as_int(Motion::appear), "appear", Form::many},
    {Slot::motion, as_int(Motion::appear), "comes into view", Form::one},
    {Slot::motion, as_int(Motion::appear), "come into view", Form::many},
    {Slot::direction, as_int(Direction::left), "left"},
    {Slot::direction, as_int(Direction::left), "to the left"},
    {Slot::direction, as_int(Direction::right), "right"},
    {Slot::direction, as_int(Direction::right), "to the right"},
    {Slot::direction, as_int(Direction::up), "up"},
    {Slot::direction, as_int(Direction::up), "upwards"},
    {Slot::direction, as_int(Direction::down), "down"},
    {Slot::direction, as_int(Direction::down), "downwards"},
    {Slot::turn, as_int(Turn::clockwise), "clockwise"},
    {Slot::turn, as_int(Turn::counterclockwise), "counterclockwise"},
    {Slot::turn, as_int(Turn::counterclockwise), "anticlockwise"},
    {Slot::speed, as_int(Speed::slow), "slowly"},
    {Slot::speed, as_int(Speed::slow), "at a slow pace"},
    {Slot::speed, as_int(Speed::fast), "quickly"},
    {Slot::speed, as_int(Speed::fast), "fast"},
    {Slot::relation, as_int(Relation::left_of), "left of"},
    {Slot::relation, as_int(Relation::left_of), "to the left of"},
    {Slot::relation, as_int(Relation::right_of), "right of"},
    {Slot::relation, as_int(Relation::right_of), "to the right of"},
    {Slot::relation, as_int(Relation::above), "above"},
    {Slot::relation, as_int(Relation::below), "below"},
    {Slot::relation, as_int(Relation::below), "under"},
    {Slot::tone, as_int(Tone::black), "black"},
    {Slot::tone, as_int(Tone::grey), "grey"},
    {Slot::tone, as_int(Tone::grey), "gray"},
    {Slot::tone, as_int(Tone::navy), "navy"},
    {Slot::tone, as_int(Tone::brown), "brown"},
    {Slot::tone, as_int(Tone::cream), "cream"},
    {Slot::pattern, as_int(Pattern::plain), "plain"},
    {Slot::pattern, as_int(Pattern::gradient), "shaded"},
    {Slot::pattern, as_int(Pattern::gradient), "gradient"},
    {Slot::pattern, as_int(Pattern::checkered), "checkered"},
    {Slot::pattern, as_int(Pattern::checkered), "chequered"},
    {Slot::pan, as_int(Direction::left), "the camera pans left"},
    {Slot::pan, as_int(Direction::left), "the camera pans to the left"},
    {Slot::pan, as_int(Direction::right), "the camera pans right"},
    {Slot::pan, as_int(Direction::right), "the camera pans to the right"},
    {Slot::place, 0, "the middle"},
    {Slot::place, 0, "the centre"},
    {Slot::filler, 0, "a"},
    {Slot::filler, 0, "an"},
    {Slot::filler, 0, "the"},
    {Slot::filler, 0, "is"},
    {Slot::filler, 0, "and"},
    {Slot::filler, 0, "while"},
    {Slot::filler, 0, "as"},
    {Slot::filler, 0, "on"},
    {Slot::filler, 0, "over"},
    {Slot::filler, 0, "in front of"},
    {Slot::filler, 0, "background"},
};

// Composes a sentence; every word comes from the lexicon.
class Speaker {
 public:
  Speaker(const Scene& scene, std::uint64_t seed) : scene_(scene), random_(seed ^ 0xA0761D6478BD642FU) {}

  std::string sentence() {
    const std::string background =
        random_.chance(0.5F) ? "on a " + ground() : (random_.chance(0.5F) ? "in front of a " : "over a ") + ground();
    std::string text = random_.chance(0.25F) ? background + ", " + event() : event() + " " + background;
    if (scene_.pan) text += (random_.chance(0.5F) ? " while " : " as ") + word(Slot::pan, *scene_.pan);
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text + ".";
  }

 private:
  template <typename Value>
  std::string word(Slot slot, Value value, Form form = Form::any) {
    std::vector<std::string_view> wordings;
    for (const Phrase& phrase : kLexicon)
      if (phrase.slot == slot && phrase.value == as_int(value) && (form == Form::any || phrase.form == Form::any || phrase.form == form))
        wordings.push_back(phrase.text);
    return std::string(wordings[static_cast<std::size_t>(random_.below(static_cast<int>(wordings.size())))]);
  }

  std::string ground() {
    const bool says = scene_.background.pattern != Pattern::plain || random_.chance(0.3F);
    return (says ? word(Slot::pattern, scene_.background.pattern) + " " : "") + word(Slot::tone, scene_.background.tone) + " background";
  }

  std::string thing(const Thing& thing, int count) {
    std::string text = (thing.size == Size::medium ? "" : word(Slot::size, thing.size) + " ") +
                       (thing.texture == Texture::plain ? "" : word(Slot::texture, thing.texture) + " ") +
                       word(Slot::colour, thing.colour) + " " + word(Slot::shape, thing.shape, count > 1 ? Form::many : Form::one);
    if (count > 1) return word(Slot::count, count) + " " + text;
    return (std::string_view("aeiou").find(text[0]) != std::string_view::npos ? "an " : "a ") + text;
  }

  std::string event() {
    const std::string first = thing(scene_.first, scene_.count);
    if (has_relation(scene_))
      return first + (random_.chance(0.5F) ? " is " : " ") + word(Slot::relation, scene_.relation) + " " + thing(*scene_.second, 1);
    const std::string verb = word(Slot::motion, scene_.motion, scene_.count > 1 ? Form::many : Form::one);
    std::string around;
    if (scene_.motion == Motion::orbit) around = " " + (scene_.second ? thing(*scene_.second, 1) : word(Slot::place, 0));
    const std::string way = has_direction(scene_) ? " " + word(Slot::direction, scene_.direction)
                            : has_turn(scene_)    ? " " + word(Slot::turn, scene_.turn)
                                                  : "";
    if (!has_speed(scene_) || scene_.speed == Speed::normal) return first + " " + verb + around + way;
    const std::string speed = word(Slot::speed, scene_.speed);
    // "slowly moves left" and "moves left slowly"; "fast" and "at a slow pace" only stand behind.
    return speed.ends_with("ly") && random_.chance(0.4F) ? first + " " + speed + " " + verb + around + way
                                                         : first + " " + verb + around + way + " " + speed;
  }

  const Scene& scene_;
  Random random_;
};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z', letter = upper || (c >= 'a' && c <= 'z');
    if (letter)
      words.back() += static_cast<char>(upper ? c - 'A' + 'a' : c);
    else if (c != ' ' && c != ',' && c != '.' && c != '\n' && c != '\t')
      words.back() += c;  // no word of the lexicon
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// The phrase of most words that stands at `place`, and how many they are.
std::pair<const Phrase*, std::size_t> phrase_at(const std::vector<std::string>& words, std::size_t place) {
  const Phrase* best = nullptr;
  std::size_t most = 0;
  for (const Phrase& phrase : kLexicon) {
    std::string_view rest = phrase.text;
    std::size_t count = 0;
    while (!rest.empty() && place + count < words.size()) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      if (words[place + count] != word) break;
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      ++count;
    }
    if (rest.empty() && count > most) best = &phrase, most = count;
  }
  return {best, most};
}

}  // namespace

std::string describe(const Scene& scene, std::uint64_t seed) { return Speaker(scene, seed).sentence(); }

std::optional<Caption> read_caption(std::string_view text) {
  const auto words = words_of(text);
  Caption caption;
  Scene& scene = caption.scene;
  Thing next;
  bool named_colour = false;
  int things = 0, relations = 0;
  for (std::size_t place = 0; place < words.size();) {
    const auto [phrase, count] = phrase_at(words, place);
    if (!phrase) return std::nullopt;
    place += count;
    const int value = phrase->value;
    switch (phrase->slot) {
      case Slot::count:
        scene.count = value;
        break;
      case Slot::size:
        next.size = static_cast<Size>(value);
        break;
      case Slot::texture:
        next.texture = static_cast<Texture>(value);
        break;
      case Slot::colour:
        next.colour = static_cast<Colour>(value);
        named_colour = true;
        break;
      case Slot::shape:
        next.shape = static_cast<Shape>(value);
        if (!named_colour || ++things > 2) return std::nullopt;
        (things == 1 ? scene.first : scene.second.emplace()) = next;
        next = {};
        named_colour = false;
        break;
      case Slot::motion:
        scene.motion = static_cast<Motion>(value);
        relations += scene.motion == Motion::orbit;
        break;
      case Slot::direction:
        scene.direction = static_cast<Direction>(value);
        break;
      case Slot::turn:
        scene.turn = static_cast<Turn>(value);
        break;
      case Slot::speed:
        scene.speed = static_cast<Speed>(value);
        break;
      case Slot::relation:
        scene.relation = static_cast<Relation>(value);
        ++relations;
        break;
      case Slot::tone:
        scene.background.tone = static_cast<Tone>(value);
        caption.names_background = true;
        break;
      case Slot::pattern:
        scene.background.pattern = static_cast<Pattern>(value);
        break;
      case Slot::pan:
        scene.pan = static_cast<Direction>(value);
        break;
      case Slot::place:
      case Slot::filler:
        break;
    }
  }
  if (things == 0 || (things == 2 && relations != 1)) return std::nullopt;
  return caption;
}

}  // namespace wan::world
