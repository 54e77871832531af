#include "debugger/typist.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "machine/errors.h"

namespace ringside {
namespace {

struct CharacterKey {
  KeyCode key;
  char plain;
  char shifted;
};

constexpr CharacterKey kCharacterKeys[] = {
    {KeyCode::kGrave, '`', '~'},       {KeyCode::k1, '1', '!'},           {KeyCode::k2, '2', '@'},
    {KeyCode::k3, '3', '#'},           {KeyCode::k4, '4', '$'},           {KeyCode::k5, '5', '%'},
    {KeyCode::k6, '6', '^'},           {KeyCode::k7, '7', '&'},           {KeyCode::k8, '8', '*'},
    {KeyCode::k9, '9', '('},           {KeyCode::k0, '0', ')'},           {KeyCode::kMinus, '-', '_'},
    {KeyCode::kEqual, '=', '+'},       {KeyCode::kTab, '\t', '\t'},       {KeyCode::kQ, 'q', 'Q'},
    {KeyCode::kW, 'w', 'W'},           {KeyCode::kE, 'e', 'E'},           {KeyCode::kR, 'r', 'R'},
    {KeyCode::kT, 't', 'T'},           {KeyCode::kY, 'y', 'Y'},           {KeyCode::kU, 'u', 'U'},
    {KeyCode::kI, 'i', 'I'},           {KeyCode::kO, 'o', 'O'},           {KeyCode::kP, 'p', 'P'},
    {KeyCode::kLeftBracket, '[', '{'}, {KeyCode::kRightBracket, ']', '}'}, {KeyCode::kBackslash, '\\', '|'},
    {KeyCode::kA, 'a', 'A'},           {KeyCode::kS, 's', 'S'},           {KeyCode::kD, 'd', 'D'},
    {KeyCode::kF, 'f', 'F'},           {KeyCode::kG, 'g', 'G'},           {KeyCode::kH, 'h', 'H'},
    {KeyCode::kJ, 'j', 'J'},           {KeyCode::kK, 'k', 'K'},           {KeyCode::kL, 'l', 'L'},
    {KeyCode::kSemicolon, ';', ':'},   {KeyCode::kApostrophe, '\'', '"'}, {KeyCode::kEnter, '\n', '\r'},
    {KeyCode::kZ, 'z', 'Z'},           {KeyCode::kX, 'x', 'X'},           {KeyCode::kC, 'c', 'C'},
    {KeyCode::kV, 'v', 'V'},           {KeyCode::kB, 'b', 'B'},           {KeyCode::kN, 'n', 'N'},
    {KeyCode::kM, 'm', 'M'},           {KeyCode::kComma, ',', '<'},       {KeyCode::kPeriod, '.', '>'},
    {KeyCode::kSlash, '/', '?'},       {KeyCode::kSpace, ' ', ' '},
};

struct NamedKey {
  std::string_view name;
  KeyCode key;
};

/// Short names beside those of key_name(); lower case.
constexpr NamedKey kNamedKeys[] = {
    {"esc", KeyCode::kEscape},    {"return", KeyCode::kEnter},  {"bs", KeyCode::kBackspace},
    {"del", KeyCode::kDelete},    {"ins", KeyCode::kInsert},    {"pgup", KeyCode::kPageUp},
    {"pgdn", KeyCode::kPageDown}, {"ctrl", KeyCode::kLeftCtrl}, {"alt", KeyCode::kLeftAlt},
    {"shift", KeyCode::kLeftShift}, {"win", KeyCode::kLeftGui},
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

KeyCode named_key(const std::string& name) {
  for (const NamedKey& known : kNamedKeys)
    if (known.name == name) return known.key;
  for (std::size_t i = 0; i < kKeyCount; ++i)
    if (lower(key_name(static_cast<KeyCode>(i))) == name) return static_cast<KeyCode>(i);
  if (name.size() == 1)
    for (const CharacterKey& known : kCharacterKeys)
      if (known.plain == name[0]) return known.key;
  return KeyCode::kCount;
}

void press(std::vector<KeyStroke>& out, const std::vector<KeyCode>& keys) {
  for (const KeyCode key : keys) out.push_back({key, true});
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) out.push_back({*key, false});
}

void press_character(std::vector<KeyStroke>& out, char character) {
  for (const CharacterKey& known : kCharacterKeys) {
    if (known.plain == character) return press(out, {known.key});
    if (known.shifted == character) {
      if (character == '\r') return press(out, {known.key});
      return press(out, {KeyCode::kLeftShift, known.key});
    }
  }
  throw ConfigError("no key of a US keyboard types the character " +
                    std::to_string(static_cast<unsigned char>(character)));
}

/// "ctrl-alt-delete": all down in this order, then up in the opposite one.
void press_chord(std::vector<KeyStroke>& out, const std::string& name) {
  std::vector<KeyCode> keys;
  std::string rest = lower(name);
  while (!rest.empty()) {
    const std::size_t dash = rest.size() > 1 ? rest.find('-') : std::string::npos;
    const KeyCode key = named_key(rest.substr(0, dash));
    if (key == KeyCode::kCount || dash + 1 == rest.size()) throw ConfigError("there is no key <" + name + ">; a plain < is written \\<");
    keys.push_back(key);
    rest = dash == std::string::npos ? "" : rest.substr(dash + 1);
  }
  if (keys.empty()) throw ConfigError("there is no key <>; a plain < is written \\<");
  press(out, keys);
}

}  // namespace

std::vector<KeyStroke> keystrokes(const std::string& text) {
  std::vector<KeyStroke> out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      const char next = text[++i];
      press_character(out, next == 'n' ? '\n' : next == 't' ? '\t' : next);
    } else if (text[i] == '<') {
      const std::size_t end = text.find('>', i + 1);
      if (end == std::string::npos) throw ConfigError("a key name begins with < and has no >; a plain < is written \\<");
      press_chord(out, text.substr(i + 1, end - i - 1));
      i = end;
    } else {
      press_character(out, text[i]);
    }
  }
  return out;
}

void Typist::type(const std::vector<KeyStroke>& strokes) {
  if (queue_.empty()) next_ = std::max(next_, machine_.now());
  queue_.insert(queue_.end(), strokes.begin(), strokes.end());
}

void Typist::work() {
  while (!queue_.empty() && next_ <= machine_.now()) {
    machine_.key(queue_.front().key, queue_.front().down);
    queue_.pop_front();
    next_ = machine_.now() + machine_.events().clock().delay(10'000'000);
  }
}

}  // namespace ringside
