#include "gui/window.h"

#include <SDL.h>
#include <imgui.h>
#include <backends/imgui_impl_sdl.h>
#include <png.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <vector>

#include "debugger/inspect/text.h"
#include "debugger/screen.h"
#include "gui/guest_input.h"
#include "gui/sdl_renderer.h"
#include "gui/theme.h"
#include "gui/time_bar.h"
#include "gui/toolbar.h"
#include "gui/workspace.h"
#include "machine/errors.h"

namespace ringside {
namespace {

constexpr int kLeastWidth = 960, kLeastHeight = 600;
constexpr int kFrameMilliseconds = 16;

struct SdlVideo {
  SdlVideo() {
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
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
  void operator()(SDL_Renderer* renderer) const { SDL_DestroyRenderer(renderer); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};

std::unique_ptr<SDL_Renderer, Closer> make_renderer(SDL_Window* window) {
  SDL_Renderer* renderer = SDL_CreateRenderer(window, -1, SDL_RENDERER_ACCELERATED | SDL_RENDERER_PRESENTVSYNC);
  if (renderer == nullptr) renderer = SDL_CreateRenderer(window, -1, SDL_RENDERER_SOFTWARE);
  if (renderer == nullptr) throw ConfigError(std::string("no window can be drawn: ") + SDL_GetError());
  return std::unique_ptr<SDL_Renderer, Closer>(renderer);
}

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
  Engine engine;
  SdlVideo video;
  std::unique_ptr<SDL_Window, Closer> window;
  std::unique_ptr<SDL_Renderer, Closer> renderer;
  ImGuiState imgui;
  std::unique_ptr<ImGuiRenderer> drawer;
  Ui ui;
  Workspace workspace;
  Toolbar toolbar;
  TimeBarView time_bar;
  GuestInput input;
  bool open = true;
  bool about_message = false;
  std::string message;
  std::uint64_t message_seen = 0;
  Uint64 last_frame = 0;

  explicit Inside(const WindowOptions& wanted) : options(wanted), engine(wanted.machine, wanted.session) {
    window.reset(SDL_CreateWindow(options.title.c_str(), SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, options.width, options.height,
                                  SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI));
    if (window == nullptr) throw ConfigError(std::string("no window can be opened: ") + SDL_GetError());
    SDL_SetWindowMinimumSize(window.get(), kLeastWidth, kLeastHeight);
    renderer = make_renderer(window.get());
    ui.engine = &engine;
    ui.renderer = renderer.get();
    ui.window = window.get();
    ui.dark = options.dark;
    ui.scale = options.scale > 0 ? options.scale : display_scale(window.get());
    load_fonts(ui.scale);
    apply_theme(ui.dark, ui.scale);
    ImGui_ImplSDL2_InitForSDLRenderer(window.get());
    drawer = std::make_unique<ImGuiRenderer>(renderer.get());
    load_settings();
    workspace.choose(options.layout);
    SDL_EventState(SDL_DROPFILE, SDL_ENABLE);
    if (options.run_at_start) engine.run();
  }
  ~Inside() {
    save_settings();
    drawer.reset();
    ImGui_ImplSDL2_Shutdown();
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  // --- Events --------------------------------------------------------------------------------------------
  void handle_events() {
    SDL_Event event;
    while (SDL_PollEvent(&event) != 0) handle(event);
    input.follow_capture(ui);
  }

  void handle(const SDL_Event& event) {
    if (event.type == SDL_QUIT) open = false;
    if (event.type == SDL_WINDOWEVENT && event.window.event == SDL_WINDOWEVENT_CLOSE) open = false;
    if (event.type == SDL_DROPFILE) {
      take_file(event.drop.file);
      SDL_free(event.drop.file);
      return;
    }
    if (input.take(ui, event)) return;
    ImGui_ImplSDL2_ProcessEvent(&event);
    if (event.type == SDL_KEYDOWN) own_key(event.key.keysym.scancode, event.key.keysym.mod);
  }

  void own_key(int scancode, unsigned modifiers) {
    const bool control = (modifiers & KMOD_CTRL) != 0, shift = (modifiers & KMOD_SHIFT) != 0;
    if (scancode == SDL_SCANCODE_F1) ui.raise = "Help";
    if (scancode == SDL_SCANCODE_F11) set_full_screen(!ui.full_screen);
    if (control && scancode >= SDL_SCANCODE_1 && scancode <= SDL_SCANCODE_4)
      workspace.choose(named_layouts()[static_cast<std::size_t>(scancode - SDL_SCANCODE_1)].name);
    if (control && scancode == SDL_SCANCODE_5) workspace.choose("Mine");
    if (control && (scancode == SDL_SCANCODE_EQUALS || scancode == SDL_SCANCODE_KP_PLUS)) set_scale(ui.scale + 0.25f);
    if (control && (scancode == SDL_SCANCODE_MINUS || scancode == SDL_SCANCODE_KP_MINUS)) set_scale(ui.scale - 0.25f);
    debugger_key(ui, scancode, shift, control);
  }

  /// A file dropped on the window becomes the disk of a new machine.
  void take_file(const char* path) {
    WindowOptions next = options;
    for (auto& disk : next.machine.disks) disk.reset();
    next.machine.disks[0] = DiskConfig{path, DiskMode::kCopyOnWrite};
    next.machine.kernel.clear();
    next.machine.initrds.clear();
    next.machine.append.clear();
    next.machine.boot = "c";
    const MachineConfig config = next.machine;
    engine.post([config](Session& session) { session.insert(config); });
    options.machine = config;
    say(std::string("A machine with ") + path + " as its disk was powered on. Writes stay in this session.");
  }

  void say(const std::string& text) {
    message = text;
    about_message = true;
  }

  void set_full_screen(bool on) {
    ui.full_screen = on;
    SDL_SetWindowFullscreen(window.get(), on ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
  }

  float wanted_scale = 0;
  void set_scale(float scale) { wanted_scale = std::min(std::max(scale, 0.75f), 3.0f); }

  // --- Settings ------------------------------------------------------------------------------------------
  std::string settings_file() const { return options.settings + "/layout"; }

  void load_settings() {
    if (options.settings.empty()) return;
    std::ifstream file(settings_file());
    std::string line;
    if (std::getline(file, line) && line.size() < 4096) workspace.set_mine(line);
  }

  void save_settings() {
    if (options.settings.empty() || !workspace.changed()) return;
    std::error_code error;
    std::filesystem::create_directories(options.settings, error);
    std::ofstream file(settings_file());
    file << workspace.mine() << "\n";
  }

  // --- A frame -------------------------------------------------------------------------------------------
  void draw() {
    if (wanted_scale != 0 && wanted_scale != ui.scale) {
      ui.scale = wanted_scale;
      load_fonts(ui.scale);
      drawer->rebuild_fonts();
      apply_theme(ui.dark, ui.scale);
    }
    wanted_scale = 0;
    ui.status = engine.status();
    ui.landmarks.clear();
    ++ui.frame;
    ImGui_ImplSDL2_NewFrame();
    ImGui::NewFrame();
    const ImVec2 size = ImGui::GetIO().DisplaySize;
    float y = 0;
    if (!ui.full_screen) {
      y = draw_top(size.x);
      const float bottom = time_bar.height() + ImGui::GetStyle().WindowPadding.y;
      workspace.draw(ui, {0, y, size.x, size.y - y - bottom});
      draw_bottom(size.x, size.y - bottom, bottom);
    } else {
      workspace.draw_alone(ui, "Screen", {0, 0, size.x, size.y});
    }
    draw_question();
    draw_message();
    ImGui::Render();
    const ImVec4 back = ImGui::GetStyle().Colors[ImGuiCol_WindowBg];
    SDL_SetRenderDrawColor(renderer.get(), static_cast<Uint8>(back.x * 200), static_cast<Uint8>(back.y * 200), static_cast<Uint8>(back.z * 200), 255);
    SDL_RenderClear(renderer.get());
    drawer->draw(*ImGui::GetDrawData());
  }

  static constexpr ImGuiWindowFlags kFixed = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                                             ImGuiWindowFlags_NoBringToFrontOnFocus;

  float draw_top(float width) {
    float y = 0;
    if (ImGui::BeginMainMenuBar()) {
      draw_menus();
      y = ImGui::GetWindowSize().y;
      ImGui::EndMainMenuBar();
    }
    const float height = ImGui::GetFrameHeightWithSpacing() + ImGui::GetTextLineHeightWithSpacing() + ImGui::GetStyle().WindowPadding.y * 2;
    ImGui::SetNextWindowPos(ImVec2(0, y));
    ImGui::SetNextWindowSize(ImVec2(width, height));
    ImGui::Begin("##toolbar", nullptr, kFixed);
    toolbar.draw(ui);
    draw_stop_line();
    ImGui::End();
    return y + height;
  }

  void draw_stop_line() {
    const EngineStatus& s = ui.status;
    if (s.running) {
      ImGui::TextDisabled("running");
    } else {
      ImGui::PushStyleColor(ImGuiCol_Text, tone_colour(ui, s.died ? Tone::kBad : Tone::kAccent));
      ImGui::TextUnformatted(s.stop.c_str());
      ImGui::PopStyleColor();
    }
    landmark(ui, "stop line");
    if (ui.keyboard_captured) {
      ImGui::SameLine(0, ImGui::GetFontSize() * 2);
      ImGui::PushStyleColor(ImGuiCol_Text, tone_colour(ui, Tone::kWarning));
      ImGui::TextUnformatted("Keys go to the guest. Ctrl+Alt gives them back.");
      ImGui::PopStyleColor();
      landmark(ui, "capture line");
    }
  }

  void draw_menus() {
    if (ImGui::BeginMenu("Machine")) {
      if (ImGui::MenuItem("Full screen", "F11")) set_full_screen(true);
      if (ImGui::MenuItem("Type the clipboard's text")) type_clipboard();
      if (ImGui::MenuItem("Copy the text screen")) copy_screen();
      if (ImGui::MenuItem("Screenshot of the guest")) ask_file("screenshot");
      if (ImGui::MenuItem("Quit")) open = false;
      ImGui::EndMenu();
    }
    if (ImGui::BeginMenu("Layout")) {
      int number = 1;
      for (const NamedLayout& layout : named_layouts()) {
        if (ImGui::MenuItem(layout.name, format("Ctrl+%d", number++).c_str(), workspace.chosen() == layout.name)) workspace.choose(layout.name);
        if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", layout.purpose);
      }
      if (ImGui::MenuItem("Mine", "Ctrl+5", workspace.chosen() == "Mine", !workspace.mine().empty())) workspace.choose("Mine");
      ImGui::Separator();
      if (ImGui::MenuItem("Dark", nullptr, ui.dark)) switch_theme();
      if (ImGui::MenuItem("Larger text", "Ctrl+=")) set_scale(ui.scale + 0.25f);
      if (ImGui::MenuItem("Smaller text", "Ctrl+-")) set_scale(ui.scale - 0.25f);
      ImGui::EndMenu();
    }
    if (ImGui::BeginMenu("Panels")) {
      for (const PanelInfo& info : all_panels()) {
        if (ImGui::MenuItem(info.name, nullptr, workspace.is_open(info.name))) ui.raise = info.name;
        if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", info.help);
      }
      ImGui::EndMenu();
    }
    if (ImGui::MenuItem("Help", "F1")) ui.raise = "Help";
    landmark(ui, "menu/Help");
    ImGui::SameLine(0, ImGui::GetFontSize() * 2);
    for (const NamedLayout& layout : named_layouts()) {
      const bool lit = workspace.chosen() == layout.name;
      if (lit) ImGui::PushStyleColor(ImGuiCol_Text, tone_colour(ui, Tone::kAccent));
      if (ImGui::MenuItem(layout.name)) workspace.choose(layout.name);
      if (lit) ImGui::PopStyleColor();
      landmark(ui, std::string("layout/") + layout.name);
      if (ImGui::IsItemHovered()) ImGui::SetTooltip("Layout: %s", layout.purpose);
    }
  }

  void switch_theme() {
    ui.dark = !ui.dark;
    apply_theme(ui.dark, ui.scale);
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
    ImGui::EndPopup();
  }

  void draw_message() {
    if (ui.status.message_number != message_seen) {
      message_seen = ui.status.message_number;
      say(ui.status.message);
    }
    constexpr const char* kTitle = "Ringside says";
    if (about_message) ImGui::OpenPopup(kTitle);
    about_message = false;
    if (!ImGui::BeginPopupModal(kTitle, nullptr, ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoSavedSettings)) return;
    ImGui::PushTextWrapPos(ImGui::GetFontSize() * 36);
    ImGui::TextUnformatted(message.c_str());
    ImGui::PopTextWrapPos();
    if (ImGui::Button("Close") || ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Escape))) ImGui::CloseCurrentPopup();
    landmark(ui, "message/Close");
    ImGui::EndPopup();
  }

  // --- Clipboard and files ---------------------------------------------------------------------------------
  void type_clipboard() {
    char* text = SDL_GetClipboardText();
    if (text == nullptr) return;
    engine.input([words = std::string(text)](Session& session) { return session.type(words); });
    SDL_free(text);
  }

  void copy_screen() {
    engine.post([this](Session& session) {
      const std::string text = screen_text(session.machine().vga());
      const std::lock_guard lock(copied_mutex);
      copied = text;
      has_copied = true;
    });
  }
  void take_copied() {
    const std::lock_guard lock(copied_mutex);
    if (!has_copied) return;
    has_copied = false;
    SDL_SetClipboardText(copied.c_str());
  }
  std::mutex copied_mutex;
  std::string copied;
  bool has_copied = false;

  void ask_file(const std::string& what) {
    for (int i = 1; i < 10'000; ++i) {
      const std::string path = "ringside-" + what + "-" + std::to_string(i) + ".png";
      std::error_code error;
      if (std::filesystem::exists(path, error)) continue;
      engine.post([path](Session& session) { write_screenshot(session.machine().vga(), path); });
      say("Written to " + path + " in the folder that Ringside was started in.");
      return;
    }
  }
};

Window::Window(const WindowOptions& options) : inside_(std::make_unique<Inside>(options)) {}
Window::~Window() = default;

bool Window::frame() {
  Inside& in = *inside_;
  in.handle_events();
  in.take_copied();
  in.draw();
  SDL_RenderPresent(in.renderer.get());
  // Without a display's rhythm (software rendering) the window keeps its own.
  const Uint64 now = SDL_GetTicks64();
  if (now - in.last_frame < kFrameMilliseconds) SDL_Delay(static_cast<Uint32>(kFrameMilliseconds - (now - in.last_frame)));
  in.last_frame = SDL_GetTicks64();
  return in.open;
}

void Window::run() {
  while (frame()) {
  }
}

Engine& Window::engine() { return inside_->engine; }
Ui& Window::ui() { return inside_->ui; }
void Window::set_layout(const std::string& name) { inside_->workspace.choose(name); }
void Window::show_panel(const std::string& name) { inside_->ui.raise = name; }

std::string Window::panel_text(const std::string& name) const {
  const Panel* panel = inside_->workspace.panel(name);
  return panel == nullptr ? "" : panel->text();
}

void Window::save_picture(const std::string& path) {
  Inside& in = *inside_;
  in.draw();
  int width = 0, height = 0;
  SDL_GetRendererOutputSize(in.renderer.get(), &width, &height);
  std::vector<Uint8> pixels(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  SDL_RenderReadPixels(in.renderer.get(), nullptr, SDL_PIXELFORMAT_RGB24, pixels.data(), width * 3);
  SDL_RenderPresent(in.renderer.get());
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = PNG_FORMAT_RGB;
  const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "wb"));
  if (file == nullptr || png_image_write_to_stdio(&image, file.get(), 0, pixels.data(), 0, nullptr) == 0)
    throw FileError("picture '" + path + "' cannot be written");
}

}  // namespace ringside
