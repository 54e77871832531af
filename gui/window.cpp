#include "gui/window.h"

#include <SDL.h>
#include <imgui.h>
#include <backends/imgui_impl_sdl.h>
#include <png.h>

#include <algorithm>
#include <cfloat>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "gui/actions.h"
#include "gui/guest_input.h"
#include "gui/main_menu.h"
#include "gui/painter.h"
#include "gui/settings.h"
#include "gui/theme.h"
#include "gui/time_bar.h"
#include "gui/toolbar.h"
#include "gui/workspace.h"
#include "machine/errors.h"

namespace ringside {
namespace {

constexpr int kLeastWidth = 960, kLeastHeight = 600;
constexpr int kFrameMilliseconds = 16;
// Frames in which something may still move, after an event and after news of the machine: ImGui sizes what is new in one
// frame and draws it in the next, and tabs glide. A running machine has the next news soon enough.
constexpr int kFramesAfterEvent = 40, kFramesAfterNews = 3, kFramesWhileRunning = 1;
constexpr Uint64 kWayOutShown = 4'000;  // milliseconds

struct SdlVideo {
  SdlVideo() {
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    // Else what is drawn without a graphics card would go through OpenGL in software to the screen.
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    if (SDL_Init(SDL_INIT_VIDEO) != 0) throw ConfigError(std::string("no window can be opened: ") + SDL_GetError());
  }
  ~SdlVideo() { SDL_Quit(); }
  SdlVideo(const SdlVideo&) = delete;
  SdlVideo& operator=(const SdlVideo&) = delete;
};

struct ImGuiState {
  ImGuiState() {
    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;  // what is worth keeping is kept by us
    ImGui::GetIO().ConfigInputTextCursorBlink = false;
  }
  ~ImGuiState() { ImGui::DestroyContext(); }
  ImGuiState(const ImGuiState&) = delete;
  ImGuiState& operator=(const ImGuiState&) = delete;
};

struct Closer {
  void operator()(SDL_Window* window) const { SDL_DestroyWindow(window); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

bool display_available() {
  if (SDL_Init(SDL_INIT_VIDEO) != 0) return false;
  const char* driver = SDL_GetCurrentVideoDriver();
  const bool real = driver != nullptr && std::string(driver) != "dummy" && std::string(driver) != "offscreen" && std::string(driver) != "evdev" && std::string(driver) != "KMSDRM";
  SDL_Quit();
  return real;
}

struct Window::Inside {
  WindowOptions options;
  Settings settings;
  Engine engine;
  SdlVideo video;
  std::unique_ptr<SDL_Window, Closer> window;
  ImGuiState imgui;
  std::unique_ptr<Painter> painter;
  Ui ui;
  Actions actions{ui};
  Workspace workspace;
  Toolbar toolbar;
  TimeBarView time_bar;
  GuestInput input;
  std::optional<SDL_Event> held_back;
  bool open = true;
  bool exposed = true;
  bool own_scale = false;  ///< the user has chosen the size of text
  float toolbar_height = 0;
  float wanted_scale = 0;
  std::uint64_t message_seen = 0;
  unsigned long drawn = 0;
  Uint64 full_screen_since = 0;
  Uint64 next_frame = 0;
  int lively = kFramesAfterEvent;  ///< frames to come that are worth building
  std::uint64_t news_seen = 0;
  const ImVec2 kNowhere{-FLT_MAX, -FLT_MAX};
  ImVec2 mouse = kNowhere;

  explicit Inside(const WindowOptions& wanted) : options(wanted), settings(load_settings(wanted.settings)), engine(wanted.machine, wanted.session, wanted.gdb) {
    window.reset(SDL_CreateWindow(options.title.c_str(), SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, options.width, options.height,
                                  SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI));
    if (window == nullptr) throw ConfigError(std::string("no window can be opened: ") + SDL_GetError());
    SDL_SetWindowMinimumSize(window.get(), kLeastWidth, kLeastHeight);
    fit_display();
    ui.engine = &engine;
    ui.window = window.get();
    ui.dark = options.dark && settings.dark;
    own_scale = options.scale > 0 || settings.scale > 0;
    ui.scale = options.scale > 0 ? options.scale : settings.scale > 0 ? settings.scale : display_scale(window.get());
    if (!load_fonts(ui.scale))
      actions.dialogs().say("DejaVu Sans Mono is not installed (Debian's package fonts-dejavu-core), so a coarser font that is built in is used.");
    apply_theme(ui.dark, ui.scale);
    ImGui_ImplSDL2_InitForSDLRenderer(window.get());
    painter = make_painter(window.get());
    ui.painter = painter.get();
    workspace.set_mine(settings.mine);
    workspace.choose(options.layout.empty() ? settings.layout : options.layout);
    SDL_EventState(SDL_DROPFILE, SDL_ENABLE);
    if (options.run_at_start) engine.run();
  }
  ~Inside() {
    remember();
    ImGui_ImplSDL2_Shutdown();
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  /// No larger than the display has room for.
  void fit_display() {
    SDL_Rect room;
    if (SDL_GetDisplayUsableBounds(std::max(SDL_GetWindowDisplayIndex(window.get()), 0), &room) != 0) return;
    const int width = std::min(options.width, room.w), height = std::min(options.height, room.h);
    if (width == options.width && height == options.height) return;
    SDL_SetWindowSize(window.get(), width, height);
    SDL_SetWindowPosition(window.get(), SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED);
  }

  void remember() {
    Settings now = settings;
    now.layout = workspace.chosen();
    now.mine = workspace.mine();
    if (options.dark) now.dark = ui.dark;
    if (own_scale && options.scale <= 0) now.scale = ui.scale;
    if (now != settings) save_settings(options.settings, now);
  }

  // --- Events --------------------------------------------------------------------------------------------
  /// A key that goes down and up between two frames is down in one and up in the next: ImGui looks once a frame.
  void handle_events() {
    std::vector<SDL_Scancode> pressed;
    SDL_Event event;
    if (held_back) handle(*std::exchange(held_back, std::nullopt));
    while (SDL_PollEvent(&event) != 0) {
      lively = kFramesAfterEvent;
      if (event.type == SDL_KEYDOWN) pressed.push_back(event.key.keysym.scancode);
      if (event.type == SDL_KEYUP && !ui.keyboard_captured && std::find(pressed.begin(), pressed.end(), event.key.keysym.scancode) != pressed.end()) {
        held_back = event;
        break;
      }
      handle(event);
    }
    input.follow_capture(ui);
  }

  void handle(const SDL_Event& event) {
    if (event.type == SDL_QUIT) open = false;
    if (event.type == SDL_WINDOWEVENT) handle_window(event.window);
    if (event.type == SDL_DROPFILE) {
      actions.take_file(event.drop.file);
      SDL_free(event.drop.file);
      return;
    }
    if (actions.dialogs().open()) input.release(ui);
    if (input.take(ui, event)) return;
    if (event.type == SDL_MOUSEMOTION) mouse = ImVec2(static_cast<float>(event.motion.x), static_cast<float>(event.motion.y));
    ImGui_ImplSDL2_ProcessEvent(&event);
    if (event.type == SDL_KEYDOWN || event.type == SDL_KEYUP) take_modifiers(event.key.keysym.mod);
    if (event.type == SDL_KEYDOWN && !actions.dialogs().open()) own_key(event.key.keysym.scancode, event.key.keysym.mod);
  }

  /// As they were at the event; the back end asks how they are now.
  static void take_modifiers(unsigned modifiers) {
    ImGuiIO& io = ImGui::GetIO();
    io.KeyCtrl = (modifiers & KMOD_CTRL) != 0;
    io.KeyShift = (modifiers & KMOD_SHIFT) != 0;
    io.KeyAlt = (modifiers & KMOD_ALT) != 0;
  }

  void handle_window(const SDL_WindowEvent& event) {
    if (event.event == SDL_WINDOWEVENT_CLOSE) open = false;
    if (event.event == SDL_WINDOWEVENT_LEAVE) mouse = kNowhere;
    exposed = true;  // whatever it was, the window may need drawing
    if (event.event == SDL_WINDOWEVENT_DISPLAY_CHANGED && !own_scale) wanted_scale = display_scale(window.get());
  }

  void own_key(int scancode, unsigned modifiers) {
    const bool control = (modifiers & KMOD_CTRL) != 0, shift = (modifiers & KMOD_SHIFT) != 0;
    if (scancode == SDL_SCANCODE_F1) ui.raise = "Help";
    if (scancode == SDL_SCANCODE_F11) set_full_screen(!ui.full_screen);
    if (control && shift && scancode == SDL_SCANCODE_V) actions.type_clipboard();
    if (control && shift && scancode == SDL_SCANCODE_C) actions.copy_screen();
    if (control && shift && scancode == SDL_SCANCODE_S) actions.screenshot();
    if (control && scancode >= SDL_SCANCODE_1 && scancode <= SDL_SCANCODE_4)
      workspace.choose(named_layouts()[static_cast<std::size_t>(scancode - SDL_SCANCODE_1)].name);
    if (control && scancode == SDL_SCANCODE_5) workspace.choose("Mine");
    if (control && (scancode == SDL_SCANCODE_EQUALS || scancode == SDL_SCANCODE_KP_PLUS)) change_scale(0.25f);
    if (control && (scancode == SDL_SCANCODE_MINUS || scancode == SDL_SCANCODE_KP_MINUS)) change_scale(-0.25f);
    debugger_key(ui, scancode, shift, control);
  }

  void set_full_screen(bool on) {
    ui.full_screen = on;
    full_screen_since = SDL_GetTicks64();
    SDL_SetWindowFullscreen(window.get(), on ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
  }

  void change_scale(float by) {
    own_scale = true;
    wanted_scale = std::clamp(ui.scale + by, 0.75f, 3.0f);
  }

  void use_wanted_scale() {
    if (wanted_scale != 0 && wanted_scale != ui.scale) {
      ui.scale = wanted_scale;
      load_fonts(ui.scale);
      painter->rebuild_fonts();
      apply_theme(ui.dark, ui.scale);
      exposed = true;
    }
    wanted_scale = 0;
  }

  // --- A frame -------------------------------------------------------------------------------------------
  /// False while nobody touches the window and the machine has nothing new to say: the frame would be the last one again.
  bool worth_building() {
    if (const std::uint64_t news = engine.news(); news != news_seen) {
      news_seen = news;
      lively = std::max(lively, engine.status().running ? kFramesWhileRunning : kFramesAfterNews);
    }
    if (lively > 0) return lively-- > 0;
    return exposed || held_back || wanted_scale != 0 || SDL_GetMouseState(nullptr, nullptr) != 0 ||
           (ui.full_screen && SDL_GetTicks64() - full_screen_since <= kWayOutShown + 2 * kFrameMilliseconds);
  }

  /// False where the window shows this already.
  bool draw(bool always) {
    use_wanted_scale();
    actions.collect();
    ui.status = engine.status();
    ui.landmarks.clear();
    engine.begin_frame();
    ImGui_ImplSDL2_NewFrame();
    ImGui::GetIO().MousePos = ui.mouse_captured ? kNowhere : mouse;  // the back end asks the display, whose answer can be an old one
    ImGui::NewFrame();
    const ImVec2 size = ImGui::GetIO().DisplaySize;
    if (!ui.full_screen) {
      const float y = draw_top(size.x);
      const float bottom = time_bar.height();
      workspace.draw(ui, {0, y, size.x, size.y - y - bottom});
      draw_bottom(size.x, size.y - bottom, bottom);
    } else {
      workspace.draw_alone(ui, "Screen", {0, 0, size.x, size.y});
      draw_way_out(size.x);
    }
    draw_question();
    if (ui.status.message_number != message_seen) actions.dialogs().say(ui.status.message);
    message_seen = ui.status.message_number;
    actions.dialogs().draw(ui);
    ImGui::Render();
    const ImVec4 back = ImGui::GetStyle().Colors[ImGuiCol_WindowBg];
    const auto part = [](float share, unsigned shift) { return static_cast<std::uint32_t>(share * 200) << shift; };
    const bool whole = always || std::exchange(exposed, false);
    if (!painter->draw(*ImGui::GetDrawData(), whole, part(back.x, 16) | part(back.y, 8) | part(back.z, 0))) return false;
    ++drawn;
    if (!ui.status.running) lively = std::max(lively, kFramesAfterNews);
    return true;
  }

  static constexpr ImGuiWindowFlags kFixed = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                                             ImGuiWindowFlags_NoBringToFrontOnFocus;

  float draw_top(float width) {
    WindowWishes wishes;
    const float y = draw_main_menu(ui, actions, workspace, wishes);
    if (wishes.quit) open = false;
    if (wishes.full_screen) set_full_screen(true);
    if (wishes.other_theme) apply_theme(ui.dark = !ui.dark, ui.scale);
    if (wishes.scale_by != 0) change_scale(wishes.scale_by);
    // As high as its buttons needed in the frame before: a narrow window has them in two lines.
    const float least = ImGui::GetFrameHeightWithSpacing() + ImGui::GetTextLineHeightWithSpacing() + ImGui::GetStyle().WindowPadding.y * 2;
    const float height = std::max(least, toolbar_height);
    ImGui::SetNextWindowPos(ImVec2(0, y));
    ImGui::SetNextWindowSize(ImVec2(width, height));
    ImGui::Begin("##toolbar", nullptr, kFixed);
    toolbar.draw(ui, actions);
    draw_stop_line();
    toolbar_height = ImGui::GetCursorPosY() - ImGui::GetStyle().ItemSpacing.y + ImGui::GetStyle().WindowPadding.y;
    ImGui::End();
    return y + height;
  }

  void put(const std::string& text, Tone tone) {
    ImGui::PushStyleColor(ImGuiCol_Text, tone_colour(ui, tone));
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopStyleColor();
  }

  /// Why the machine stands, and who has the keyboard.
  void draw_stop_line() {
    const EngineStatus& s = ui.status;
    if (ui.keyboard_captured) {
      put(ui.mouse_captured ? "Keys and mouse go to the guest: Ctrl+Alt gives them back." : "Keys go to the guest: Ctrl+Alt gives them back.", Tone::kWarning);
      landmark(ui, "capture line");
      ImGui::SameLine(0, ImGui::GetFontSize() * 2);
    }
    if (s.running) {
      put(s.typing ? "running; typing" : "running", Tone::kDim);
    } else {
      put(s.busy ? "looking for the place; Pause gives up" : s.stop, s.died ? Tone::kBad : Tone::kAccent);
      if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", s.stop.c_str());
    }
    landmark(ui, "stop line");
    if (s.replay_end != 0) {
      ImGui::SameLine(0, ImGui::GetFontSize() * 2);
      put(s.moment.tick < s.replay_end ? "lives a recording again, up to tick " + std::to_string(s.replay_end) : "the recording has ended; from here on it is live", Tone::kDim);
    }
    if (!s.recording.empty()) {
      ImGui::SameLine(0, ImGui::GetFontSize() * 2);
      put("recording to " + s.recording, Tone::kBad);
      landmark(ui, "recording line");
    }
  }

  void draw_way_out(float width) {
    if (SDL_GetTicks64() - full_screen_since > kWayOutShown) return;
    constexpr const char* kWords = "Ctrl+Alt gives keys and mouse back, then F11 leaves the full screen.";
    const ImVec2 room = ImGui::CalcTextSize(kWords);
    const ImVec2 low((width - room.x) / 2 - 10, 10), high((width + room.x) / 2 + 10, room.y + 22);
    ImDrawList& draw = *ImGui::GetForegroundDrawList();
    draw.AddRectFilled(low, high, ImGui::GetColorU32(ImGuiCol_PopupBg), 4);
    draw.AddText(ImVec2(low.x + 10, low.y + 6), tone_colour(ui, Tone::kWarning), kWords);
    ui.landmarks["way out"] = {low.x, low.y, high.x - low.x, high.y - low.y};
  }

  void draw_bottom(float width, float y, float height) {
    ImGui::SetNextWindowPos(ImVec2(0, y));
    ImGui::SetNextWindowSize(ImVec2(width, height));
    ImGui::Begin("##time", nullptr, kFixed);
    time_bar.draw(ui, width - ImGui::GetStyle().WindowPadding.x * 2);
    ImGui::End();
  }

  // An input in the past would end the future that is known: nothing happens before the user has said so.
  void draw_question() {
    constexpr const char* kTitle = "A new future?";
    if (ui.status.ask_new_future && !ImGui::IsPopupOpen(kTitle)) {
      input.release(ui);
      ImGui::OpenPopup(kTitle);
    }
    if (!ImGui::BeginPopupModal(kTitle, nullptr, ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoSavedSettings)) return;
    ImGui::TextUnformatted("The machine stands in its past. An input here begins another future,\nand what is known of the old one is forgotten.");
    if (ImGui::Button("Begin a new future")) {
      engine.accept_new_future();
      ImGui::CloseCurrentPopup();
    }
    landmark(ui, "question/new");
    ImGui::SameLine();
    if (ImGui::Button("Go to the end of the known future")) {
      engine.return_to_end();
      ImGui::CloseCurrentPopup();
    }
    landmark(ui, "question/end");
    if (!ui.status.ask_new_future) ImGui::CloseCurrentPopup();
    ImGui::EndPopup();
  }

  /// Without a display's rhythm (software rendering) the window keeps its own.
  void wait() {
    const Uint64 now = SDL_GetTicks64();
    if (now < next_frame) SDL_Delay(static_cast<Uint32>(next_frame - now));
    next_frame = std::max(next_frame, now) + kFrameMilliseconds;
  }
};

Window::Window(const WindowOptions& options) : inside_(std::make_unique<Inside>(options)) {}
Window::~Window() = default;

bool Window::frame() {
  Inside& in = *inside_;
  ++in.ui.frame;
  in.handle_events();
  if (in.worth_building() && in.draw(false)) in.painter->present();
  in.wait();
  return in.open;
}

void Window::run() {
  while (frame()) {
  }
}

Engine& Window::engine() { return inside_->engine; }
Ui& Window::ui() { return inside_->ui; }
void Window::set_layout(const std::string& name) {
  inside_->workspace.choose(name);
  inside_->lively = kFramesAfterEvent;
}
bool Window::set_own_layout(const std::string& text) {
  inside_->workspace.set_mine(text);
  inside_->workspace.choose("Mine");
  inside_->lively = kFramesAfterEvent;
  return inside_->workspace.mine() == text;
}
void Window::show_panel(const std::string& name) {
  inside_->ui.raise = name;
  inside_->lively = kFramesAfterEvent;
}

std::string Window::panel_text(const std::string& name) const {
  const Panel* panel = inside_->workspace.panel(name);
  return panel == nullptr ? "" : panel->text();
}

std::string Window::dialog_text() const { return inside_->actions.dialogs().text(); }
std::string Window::layout() const { return inside_->workspace.chosen(); }
unsigned long Window::frames_drawn() const { return inside_->drawn; }

void Window::save_picture(const std::string& path, bool as_shown) {
  Inside& in = *inside_;
  if (!as_shown) in.draw(true);
  const Painter::Pixels shown = in.painter->read();
  if (!as_shown) in.painter->present();
  std::vector<Uint8> bytes;
  bytes.reserve(shown.rgb.size() * 3);
  for (const std::uint32_t pixel : shown.rgb)
    for (const unsigned shift : {16u, 8u, 0u}) bytes.push_back(static_cast<Uint8>(pixel >> shift));
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = shown.width;
  image.height = shown.height;
  image.format = PNG_FORMAT_RGB;
  const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "wb"));
  if (file == nullptr || png_image_write_to_stdio(&image, file.get(), 0, bytes.data(), 0, nullptr) == 0)
    throw FileError("picture '" + path + "' cannot be written");
}

}  // namespace ringside
