#include "gui/actions.h"

#include <SDL.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "debugger/inspect/text.h"
#include "debugger/screen.h"
#include "machine/errors.h"
#include "machine/part_file.h"

namespace ringside {
namespace {

/// "ringside-3.png" in the present folder, where 1 and 2 are there already.
std::string free_name(const std::string& ending) {
  for (int i = 1; i < 10'000; ++i) {
    const std::string name = "ringside-" + std::to_string(i) + ending;
    std::error_code error;
    if (!std::filesystem::exists(name, error)) return name;
  }
  return "ringside" + ending;
}

std::string absolute(const std::string& path) {
  std::error_code error;
  const auto full = std::filesystem::absolute(path, error);
  return error ? path : full.string();
}

bool is_elf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 4> magic{};
  return file.read(magic.data(), 4) && magic == std::array<char, 4>{'\x7F', 'E', 'L', 'F'};
}

MachineConfig with_disk(MachineConfig config, const std::string& path) {
  for (auto& disk : config.disks) disk.reset();
  config.disks[0] = DiskConfig{path, DiskMode::kCopyOnWrite};
  config.kernel.clear();
  config.initrds.clear();
  config.append.clear();
  config.boot = "c";
  return config;
}

}  // namespace

void Actions::type_clipboard() {
  char* text = SDL_GetClipboardText();
  if (text == nullptr) return;
  ui_.engine->input([words = std::string(text)](Session& session) { return session.type(words); });
  SDL_free(text);
}

// The clipboard belongs to the window's thread, the screen to the machine's.
void Actions::copy_screen() {
  ui_.engine->post([brought = brought_](Session& session) {
    const std::string text = screen_text(session.machine().vga());
    const std::lock_guard lock(brought->mutex);
    brought->clipboard = text;
    brought->has_clipboard = true;
  });
}

void Actions::collect() {
  const std::lock_guard lock(brought_->mutex);
  if (!brought_->has_clipboard) return;
  brought_->has_clipboard = false;
  SDL_SetClipboardText(brought_->clipboard.c_str());
}

void Actions::screenshot() {
  const std::string path = free_name(".png");
  ui_.engine->post([path](Session& session) { write_screenshot(session.machine().vga(), path); });
  dialogs_.say("The guest's screen is written to " + absolute(path) + ".");
}

void Actions::control_alt_delete() {
  ui_.engine->input([](Session& session) {
    for (const KeyCode key : {KeyCode::kLeftCtrl, KeyCode::kLeftAlt, KeyCode::kDelete})
      if (!session.key(key, true)) return false;
    for (const KeyCode key : {KeyCode::kDelete, KeyCode::kLeftAlt, KeyCode::kLeftCtrl}) session.key(key, false);
    return true;
  });
}

void Actions::ask_snapshot() {
  dialogs_.ask_path("The whole machine as it is now, to go on from there another time. Drop the file on the window to open it, or "
                    "`ringside run --restore FILE`.",
                    free_name(".snapshot"), "Save the snapshot",
                    [this](const std::string& path) { ui_.engine->post([path](Session& session) { session.save_snapshot(path); }); });
}

void Actions::ask_recording() {
  if (!ui_.status.recording.empty()) {
    const std::string path = absolute(ui_.status.recording);
    ui_.engine->post([](Session& session) { session.end_recording(); });
    dialogs_.say("The recording is in " + path + ". `ringside replay FILE` repeats it and compares every state hash in it.");
    return;
  }
  dialogs_.ask_path("Everything that enters the machine from here on, with hashes of its state: the run can be repeated anywhere, "
                    "instruction for instruction.",
                    free_name(".recording"), "Record",
                    [this](const std::string& path) { ui_.engine->post([path](Session& session) { session.record(path); }); });
}

void Actions::ask_open() {
  dialogs_.ask_path("A snapshot, a recording, a disk image, or symbols (ELF). Files can be dropped on the window, too.", "", "Open",
                    [this](const std::string& path) { take_file(path); });
}

void Actions::ask_reset() {
  ui_.engine->power_cycle();
}

void Actions::power_on_with(const std::string& disk) {
  ui_.engine->replace([disk](Session& session) { session.insert(with_disk(session.config(), disk)); },
                      "powered on with " + disk + "; nothing has run yet");
}

void Actions::take_file(const std::string& path) {
  std::optional<PartFileKind> kind;
  try {
    const FileInput file(path, "file");
    kind = part_file_kind(file);
  } catch (const FileError& error) {
    dialogs_.say(error.what());
    return;
  }
  constexpr const char* kGivenUp = " The present machine is given up.";
  if (kind == PartFileKind::kSnapshot) {
    dialogs_.ask("Open the snapshot " + path + "?" + kGivenUp, "Open it", [this, path] {
      ui_.engine->replace([path](Session& session) { session.open(path); }, "the snapshot " + path + " was opened");
    });
  } else if (kind == PartFileKind::kRecording) {
    dialogs_.ask("Open the recording " + path + "?" + kGivenUp + " Run lives it again.", "Open it", [this, path] {
      ui_.engine->replace([path](Session& session) { session.open(path); }, "the recording " + path + " was opened; Run lives it again");
    });
  } else if (is_elf(path)) {
    dialogs_.ask("Load the symbols of " + path + "? The machine stays as it is.", "Load them", [this, path] {
      ui_.engine->post([path](Session& session) { session.debugger().load_symbols(path); });
    });
  } else {
    dialogs_.ask("Power on a new machine with " + path + " as its disk?" + kGivenUp + " What the guest writes stays in this session; the file is not touched.",
                 "Power on", [this, path] { power_on_with(path); });
  }
}

}  // namespace ringside
