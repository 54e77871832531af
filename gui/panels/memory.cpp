// Memory in hexadecimal; the stack; decoded code.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <charconv>

#include "debugger/inspect/memory_views.h"
#include "debugger/inspect/text.h"
#include "gui/panel.h"

namespace ringside {
namespace {

class MemoryPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    if (ui.memory_request != request_) {
      shown_before_ = true;
      request_ = ui.memory_request;
      go(ui.memory_address);
      physical_ = ui.memory_physical;
    }
    if (!shown_before_) go(ui.status.code_linear);
    shown_before_ = true;
    draw_bar(ui);
    ImGui::BeginChild("bytes", ImVec2(0, 0), false, ImGuiWindowFlags_NoScrollWithMouse | ImGuiWindowFlags_HorizontalScrollbar);
    const float line = ImGui::GetTextLineHeightWithSpacing();
    const auto lines = static_cast<unsigned>(std::clamp(ImGui::GetWindowHeight() / line, 2.0f, 200.0f));
    const std::string key = hex_physical(address_) + (physical_ ? "p" : "l") + std::to_string(lines);
    const auto page = probe_.ask(*ui.engine, key, [address = address_, physical = physical_, lines](Session& session) {
      return view_memory(session, address, physical, lines);
    });
    if (page != nullptr) {
      remember(page, key, ui);
      draw_bytes(ui, *page);
    }
    if (ImGui::IsWindowHovered() && ImGui::GetIO().MouseWheel != 0) {
      const auto step = static_cast<std::int64_t>(ImGui::GetIO().MouseWheel * -3) * 16;
      address_ = static_cast<std::uint64_t>(std::clamp<std::int64_t>(static_cast<std::int64_t>(address_) + step, 0, 0xFFFFFF00));
    }
    ImGui::EndChild();
  }

  std::string text() const override {
    const auto page = probe_.last();
    return page == nullptr ? "" : memory_text(*page);
  }

 private:
  void go(std::uint64_t address) {
    address_ = address & ~std::uint64_t{15};
    typed_ = hex32(static_cast<std::uint32_t>(address));
  }

  void draw_bar(Ui& ui) {
    std::uint32_t value = 0;
    ImGui::PushID("memory");
    if (address_field(ui, "address", typed_, value)) go(value);
    ImGui::PopID();
    ImGui::SameLine();
    ImGui::Checkbox("physical", &physical_);
    landmark(ui, "memory/physical");
    ImGui::SameLine();
    ImGui::SetNextItemWidth(std::max(80.0f, ImGui::GetContentRegionAvail().x));
    const bool entered = ImGui::InputTextWithHint("##find", "find: 48 65 or \"text\"", &wanted_, ImGuiInputTextFlags_EnterReturnsTrue);
    landmark(ui, "memory/find");
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("Bytes in hexadecimal, or text in quotes; Enter finds the next place");
    if (entered) ++search_;
    if (search_ == 0) return;
    const std::vector<std::uint8_t> bytes = search_bytes(wanted_);
    const auto found = found_.ask(*ui.engine, std::to_string(search_), [bytes, from = address_ + 16, physical = physical_](Session& session) {
      return search_memory(session, bytes, from, physical).value_or(~std::uint64_t{0});
    });
    if (found == nullptr || found_.answer().number == found_number_ || *found == ~std::uint64_t{0}) return;
    if (searched_ == search_) return;
    found_number_ = found_.answer().number;
    searched_ = search_;
    go(*found);
  }

  /// What was shown at the stop before, to colour what has changed.
  void remember(const std::shared_ptr<const MemoryPage>& page, const std::string& key, Ui&) {
    const Engine::Answer& answer = probe_.answer();
    if (answer.stop != stop_ || key != key_) {
      before_ = key == key_ ? shown_ : nullptr;
      stop_ = answer.stop;
      key_ = key;
    }
    shown_ = page;
  }

  bool changed(std::size_t row, std::size_t column) const {
    if (before_ == nullptr || probe_.answer().running || row >= before_->lines.size()) return false;
    return before_->lines[row].bytes[column] != shown_->lines[row].bytes[column];
  }

  void draw_bytes(Ui& ui, const MemoryPage& page) {
    const float line = ImGui::GetTextLineHeightWithSpacing();
    const float glyph = ImGui::CalcTextSize("0").x;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    for (std::size_t r = 0; r < page.lines.size(); ++r) {
      const MemoryLine& l = page.lines[r];
      const float y = at.y + static_cast<float>(r) * line;
      draw.AddText(ImVec2(at.x, y), tone_colour(ui, Tone::kDim), hex_physical(l.address).c_str());
      for (std::size_t i = 0; i < l.bytes.size(); ++i) {
        const bool readable = (l.readable >> i & 1) != 0;
        const float x = at.x + glyph * (9.5f + static_cast<float>(i) * 3 + (i >= 8 ? 1 : 0));
        const ImVec2 low(x - glyph / 2, y), high(x + glyph * 2.5f, y + line);
        if (changed(r, i)) draw.AddRectFilled(low, high, changed_colour(ui), 2);
        draw.AddText(ImVec2(x, y), tone_colour(ui, readable ? l.bytes[i] == 0 ? Tone::kDim : Tone::kPlain : Tone::kDim), readable ? hex8(l.bytes[i]).c_str() : "--");
        const char letter = readable && l.bytes[i] >= 0x20 && l.bytes[i] < 0x7F ? static_cast<char>(l.bytes[i]) : '.';
        const char word[2] = {letter, 0};
        draw.AddText(ImVec2(at.x + glyph * (60 + static_cast<float>(i)), y), tone_colour(ui, letter == '.' ? Tone::kDim : Tone::kPlain), word);
        ui.landmarks["byte/" + hex_physical(l.address + i)] = {low.x, low.y, high.x - low.x, high.y - low.y};
        if (readable && ImGui::IsWindowHovered() && ImGui::IsMouseHoveringRect(low, high)) hover(l.address + i);
      }
    }
    ImGui::Dummy(ImVec2(glyph * 77, static_cast<float>(page.lines.size()) * line - 4));
    const bool nothing = std::all_of(page.lines.begin(), page.lines.end(), [](const MemoryLine& l) { return l.readable == 0; });
    if (nothing && !page.lines.empty()) {
      const ImVec2 note(at.x + glyph * 9.5f, at.y + line);
      const char* words = "No page is mapped at these linear addresses: choose \"physical\", or another address.";
      const float wrap = std::max(glyph * 20, ImGui::GetWindowWidth() - glyph * 11);
      const ImVec2 size = ImGui::CalcTextSize(words, nullptr, false, wrap);
      draw.AddRectFilled(ImVec2(note.x - 4, note.y - 4), ImVec2(note.x + size.x + 4, note.y + size.y + 4), ImGui::GetColorU32(ImGuiCol_PopupBg));
      draw.AddText(ImGui::GetFont(), ImGui::GetFontSize(), note, tone_colour(ui, Tone::kWarning), words, nullptr, wrap);
    }
    draw_edit(ui);
  }

  void hover(std::uint64_t address) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    if (ImGui::IsMouseClicked(0) || ImGui::IsMouseClicked(1)) {
      chosen_ = address;
      value_.clear();
      ImGui::OpenPopup("byte");
    }
  }

  void draw_edit(Ui& ui) {
    if (!ImGui::BeginPopup("byte")) return;
    ImGui::Text("%s %s", physical_ ? "physical" : "linear", hex_physical(chosen_).c_str());
    const auto watch = [&](const char* name, bool read, bool write) {
      if (!ImGui::MenuItem(name)) return;
      StopPointSpec spec;
      spec.kind = PointKind::kMemory;
      spec.space = physical_ ? AddressSpace::kPhysical : AddressSpace::kLinear;
      spec.address = chosen_;
      spec.size = 1;
      spec.on_read = read;
      spec.on_write = write;
      ui.engine->post([spec](Session& session) { session.debugger().add(spec); });
    };
    watch("Stop when it is written", false, true);
    landmark(ui, "memory/watch");
    watch("Stop when it is read or written", true, true);
    if (!ui.status.running) {
      ImGui::SetNextItemWidth(ImGui::GetFontSize() * 3);
      if (ImGui::InputText("new value", &value_, ImGuiInputTextFlags_CharsHexadecimal | ImGuiInputTextFlags_EnterReturnsTrue)) {
        unsigned value = 0;
        std::from_chars(value_.data(), value_.data() + value_.size(), value, 16);
        ui.engine->post([address = chosen_, physical = physical_, value](Session& session) {
          edit_memory(session, address, physical, static_cast<std::uint8_t>(value));
        });
        ImGui::CloseCurrentPopup();
      }
    }
    ImGui::EndPopup();
  }

  Probe<MemoryPage> probe_;
  Probe<std::uint64_t> found_;
  std::shared_ptr<const MemoryPage> shown_, before_;
  std::string key_;
  std::uint64_t stop_ = 0, found_number_ = 0, search_ = 0, searched_ = 0;
  std::uint64_t address_ = 0x7C00;
  std::uint64_t chosen_ = 0;
  bool physical_ = false, shown_before_ = false;
  std::string typed_ = "00007C00", wanted_, value_;
  unsigned long request_ = 0;
};

Document stack(Session& session) { return view_stack(session, 64); }

class BlocksPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    std::uint32_t value = 0;
    ImGui::PushID("blocks");
    if (address_field(ui, "page of", typed_, value)) at_ = value;
    ImGui::PopID();
    ImGui::SameLine();
    if (ImGui::SmallButton("Page of EIP")) at_.reset();
    draw_document(ui, "blocks", probe_.ask(ui, at_ ? hex32(*at_) : "here", [at = at_](Session& session) { return view_blocks(session, at); }));
  }
  std::string text() const override { return probe_.document().text(); }

 private:
  DocumentProbe probe_;
  std::optional<std::uint32_t> at_;
  std::string typed_;
};

}  // namespace

std::unique_ptr<Panel> make_memory_panel() { return std::make_unique<MemoryPanel>(); }
std::unique_ptr<Panel> make_stack_panel() { return std::make_unique<DocumentPanel>(stack); }
std::unique_ptr<Panel> make_blocks_panel() { return std::make_unique<BlocksPanel>(); }

}  // namespace ringside
