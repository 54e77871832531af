// What panels share: colours, landmarks for tests, drawing of documents, and where a click leads. No ImGui types in
// here, so that a panel's header stays cheap.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "debugger/inspect/document.h"
#include "gui/engine.h"

struct SDL_Window;

namespace ringside {

class Painter;

struct Rectangle {
  float x = 0, y = 0, width = 0, height = 0;
};

/// One window's state as far as more than one panel knows of it.
struct Ui {
  Engine* engine = nullptr;
  EngineStatus status;
  Painter* painter = nullptr;
  SDL_Window* window = nullptr;
  bool dark = true;
  float scale = 1;
  unsigned long frame = 0;

  // Where panels look; a click elsewhere sets them.
  std::optional<std::uint32_t> code_address;      ///< disassembly: not following EIP
  std::uint32_t code_cursor = 0;                  ///< the line that run-to means
  std::uint32_t memory_address = 0;
  bool memory_physical = false;
  unsigned long memory_request = 0;               ///< grows when the address was set from outside
  std::uint32_t walk_address = 0;
  unsigned long walk_request = 0;
  std::uint16_t selector = 8;
  unsigned long selector_request = 0;
  std::optional<std::uint64_t> trap;              ///< number of the selected trap
  std::string raise;                              ///< panel to bring to the front in the next frame

  // Guest input.
  bool keyboard_captured = false;
  bool mouse_captured = false;
  bool full_screen = false;

  /// Rectangles of things on the window, by name, of the present frame: "toolbar/Run", "panel/Memory", ...
  std::map<std::string, Rectangle> landmarks;

  void follow(const Link& link);
};

/// Names the last ImGui item for tests.
void landmark(Ui& ui, const std::string& name);

/// Draws a document; tables scroll with the window they are in. `name` makes its ids unique.
void draw_document(Ui& ui, const char* name, const Document& document);
void draw_table(Ui& ui, const char* name, const Table& table);
void draw_strip(Ui& ui, const BitStrip& strip);
/// Goes on in the same line where an item of this width, or a box or button with these words, still fits; else in the next one.
void flow(float width);
void flow(const char* words);
/// A tooltip of more than a few words, in lines of readable length.
void draw_tip(const char* text);
/// A small "?" that explains.
void draw_hint(const char* text);

std::uint32_t tone_colour(const Ui& ui, Tone tone);
std::uint32_t changed_colour(const Ui& ui);

/// A hexadecimal number or a symbol's name, typed. True when a new one was given.
bool address_field(Ui& ui, const char* label, std::string& text, std::uint32_t& address);

/// A document that is asked for in every frame and knows what has changed since the last stop.
class DocumentProbe {
 public:
  template <typename F>
  const Document& ask(Ui& ui, const std::string& key, F&& question) {
    take(probe_.ask(*ui.engine, key, std::forward<F>(question)), key);
    return shown_;
  }
  const Document& document() const { return shown_; }

 private:
  void take(std::shared_ptr<const Document> answer, const std::string& key);

  Probe<Document> probe_;
  std::uint64_t number_ = 0, stop_ = 0;
  std::string key_;
  Document shown_, before_;
};

}  // namespace ringside
