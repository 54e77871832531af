// How the window's picture comes about: Dear ImGui's triangles, through a graphics card or drawn by ourselves.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

struct SDL_Window;
struct ImDrawData;

namespace ringside {

/// A picture that a panel shows: the guest's screen.
class Picture {
 public:
  virtual ~Picture() = default;
  /// 00RRGGBBh, row by row.
  virtual void set(unsigned width, unsigned height, const std::uint32_t* pixels) = 0;
  /// What ImGui calls a texture. Null before the first `set`.
  virtual void* id() const = 0;
};

class Painter {
 public:
  virtual ~Painter() = default;
  /// After the fonts have changed.
  virtual void rebuild_fonts() = 0;
  virtual std::unique_ptr<Picture> make_picture() = 0;
  /// Draws what has changed since the last time, and says whether that was anything: a window that is not touched
  /// costs nearly nothing, which the guest gets. `always`: all of it.
  virtual bool draw(const ImDrawData& data, bool always, std::uint32_t background) = 0;
  /// To the screen, after `draw` has said that there is something.
  virtual void present() = 0;
  struct Pixels {
    unsigned width = 0, height = 0;
    std::vector<std::uint32_t> rgb;  ///< 00RRGGBBh
  };
  /// What was drawn last.
  virtual Pixels read() const = 0;
};

/// With a graphics card through SDL's renderer, without one on a canvas of our own. Build all fonts before.
std::unique_ptr<Painter> make_painter(SDL_Window* window);

}  // namespace ringside
