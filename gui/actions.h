// What the toolbar, the menus, the keys and a dropped file have in common: the window's own deeds, by name.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "gui/dialogs.h"
#include "gui/ui.h"

namespace ringside {

class Actions {
 public:
  explicit Actions(Ui& ui) : ui_(ui) {}

  Dialogs& dialogs() { return dialogs_; }

  void type_clipboard();
  void copy_screen();
  /// A PNG of the guest's screen, into the folder that Ringside was started in.
  void screenshot();
  void control_alt_delete();
  void ask_snapshot();
  /// Begins a recording, or ends the one that is being made.
  void ask_recording();
  void ask_open();
  void ask_reset();
  /// A disk image, a snapshot, a recording, or symbols: asks, then does it.
  void take_file(const std::string& path);

  /// Once a frame: what the machine's thread has brought.
  void collect();

 private:
  void power_on_with(const std::string& disk);

  Ui& ui_;
  Dialogs dialogs_;
  struct Brought {
    std::mutex mutex;
    std::string clipboard;
    bool has_clipboard = false;
  };
  std::shared_ptr<Brought> brought_ = std::make_shared<Brought>();
};

}  // namespace ringside
