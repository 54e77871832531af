// A case of the oracle: an initial state, what is patched into memory, and the state that results. Nothing in
// it depends on the host; numbers are the guest's.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace ringside::oracle {

/// Order of the general registers and of the segment registers, as the encodings have them.
enum Register { kEAX, kECX, kEDX, kEBX, kESP, kEBP, kESI, kEDI };
enum SegmentRegister { kES, kCS, kSS, kDS, kFS, kGS };

enum Flag : std::uint32_t {
  kCF = 1u << 0, kPF = 1u << 2, kAF = 1u << 4, kZF = 1u << 6, kSF = 1u << 7, kTF = 1u << 8, kIF = 1u << 9,
  kDF = 1u << 10, kOF = 1u << 11, kNT = 1u << 14, kRF = 1u << 16, kAC = 1u << 18, kID = 1u << 21,
};
constexpr std::uint32_t kArithmetic = kCF | kPF | kAF | kZF | kSF | kOF;

struct Registers {
  std::array<std::uint32_t, 8> gpr{};
  std::uint32_t eip = 0;
  std::uint32_t eflags = 2;
  std::array<std::uint16_t, 6> seg{};
  bool operator==(const Registers&) const = default;
};

/// The first 288 bytes of an FXSAVE image, 32-bit form: control and status words, abridged tags, MXCSR, the
/// eight registers from ST(0) on, XMM0-7. The instruction and data pointers and FOP are zero: see README.md.
struct FpuImage {
  static constexpr unsigned kSize = 288;
  enum Offset : unsigned { kControl = 0, kStatus = 2, kTags = 4, kMxcsr = 24, kStack = 32, kXmm = 160 };
  std::array<std::uint8_t, kSize> bytes{};

  /// As after FNINIT and with MXCSR's default.
  static FpuImage initial();
  std::uint16_t word(unsigned at) const { return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8); }
  void set_word(unsigned at, std::uint32_t value) {
    bytes[at] = static_cast<std::uint8_t>(value);
    bytes[at + 1] = static_cast<std::uint8_t>(value >> 8);
  }
  std::uint64_t quad(unsigned at) const;
  void set_quad(unsigned at, std::uint64_t value);
  bool operator==(const FpuImage&) const = default;
};

/// Bytes at linear addresses, in order of entry.
class Bytes {
 public:
  struct Run {
    std::uint32_t linear;
    std::uint32_t first;  ///< index of its first byte
    std::uint32_t size;
    bool operator==(const Run&) const = default;
  };
  void clear() {
    runs_.clear();
    bytes_.clear();
  }
  void add(std::uint32_t linear, std::span<const std::uint8_t> bytes);
  /// The low `size` bytes of `value`.
  void add_number(std::uint32_t linear, std::uint64_t value, unsigned size);
  std::span<const Run> runs() const { return runs_; }
  std::span<const std::uint8_t> of(const Run& run) const { return {bytes_.data() + run.first, run.size}; }
  std::span<std::uint8_t> bytes_of(const Run& run) { return {bytes_.data() + run.first, run.size}; }
  std::span<const std::uint8_t> all() const { return bytes_; }
  bool operator==(const Bytes&) const = default;

 private:
  std::vector<Run> runs_;
  std::vector<std::uint8_t> bytes_;
};

/// What of a case may take any value without the case losing its sense: vector files leave these values out, and
/// expansion.h draws them.
struct Open {
  enum Kind : std::uint8_t { kFixed, kNumber, kFloat32, kFloat64, kFloat80, kBits };
  std::uint8_t registers = 0;  ///< bit a general register
  bool flags = false;          ///< the six arithmetic flags
  std::uint8_t stack = 0;      ///< bit a register of the x87 stack, from ST(0) on
  std::uint8_t xmm = 0;        ///< bit an XMM register
  Kind stack_kind = kFixed;
  Kind xmm_kind = kFixed;
  std::vector<Kind> memory;    ///< of each run of the patches; those beyond are fixed
};

struct Case {
  Registers registers;
  FpuImage fpu = FpuImage::initial();
  Bytes patches;               ///< over the background of layout.h; unmapped and read-only bytes are left out
  std::uint8_t code_size = 0;  ///< the instructions' bytes, for reports; they are among the patches
  std::uint32_t code_at = 0;   ///< linear
  std::uint32_t ignored_flags = 0;  ///< undefined, and not a function of the operands on silicon
  std::uint8_t ignored_registers = 0;  ///< bit a general register
  Open open;

  void clear();
  /// True where the trap flag ends the case after one instruction; otherwise a fault does, at the latest that of
  /// the HLT instructions that fill the code pages.
  bool stepped() const { return (registers.eflags & kTF) != 0; }
};

/// How a case ended: with which exception, in which state.
struct Result {
  static constexpr std::uint8_t kTimeout = 0xFF;  ///< as vector: it did not end
  Registers registers;
  FpuImage fpu;
  std::uint8_t vector = kTimeout;
  std::uint32_t error_code = 0;
  std::uint32_t cr2 = 0;  ///< of a page fault, else 0
  Bytes changes;          ///< memory that differs from before, by ascending address
  bool operator==(const Result&) const = default;
};

}  // namespace ringside::oracle
