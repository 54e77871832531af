// Questions and messages in the middle of the window, one at a time.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "gui/ui.h"

namespace ringside {

class Dialogs {
 public:
  void say(const std::string& text);
  /// `yes` is the button's words; Cancel stands beside it.
  void ask(const std::string& question, const std::string& yes, std::function<void()> then);
  /// A file's path.
  void ask_path(const std::string& question, const std::string& suggestion, const std::string& yes, std::function<void(const std::string&)> then);
  void draw(Ui& ui);
  bool open() const { return !waiting_.empty(); }
  /// What the present one says, for tests.
  std::string text() const { return waiting_.empty() ? "" : waiting_.front().text; }

 private:
  struct Dialog {
    std::string text, yes, path;
    bool wants_path = false;
    std::function<void(const std::string&)> then;  // none: a message
  };
  bool draw_buttons(Ui& ui, Dialog& dialog, bool entered);

  std::deque<Dialog> waiting_;
  int frames_ = 0;  ///< of the present one
};

}  // namespace ringside
