// The state of one generation: choices, the case, the instruction's bytes. Its parts: generator.cpp (the course),
// builder.cpp (places in segments, ModR/M), operands.cpp (what single opcodes need), float_operands.cpp.
#pragma once

#include <array>
#include <cstdint>

#include "tests/oracle/case.h"
#include "tests/oracle/form.h"
#include "tests/oracle/generator.h"
#include "tests/oracle/layout.h"
#include "tests/oracle/random.h"

namespace ringside::oracle {

class Builder {
 public:
  Builder(const Form& form, Mode mode, std::uint64_t seed, Case& c)
      : form_(form), mode32_(mode == Mode::k32), random_(seed), case_(c) {}
  void build();

 private:
  // --- The course (generator.cpp)
  void choose_segments();
  void choose_flags();
  void choose_registers();
  void choose_stack();
  void choose_prefixes();
  void emit_prefixes();
  void emit_before();
  void emit_instruction();
  void emit_after();
  void emit_immediate();
  void place_code();

  // --- What may take any value (open_values.cpp)
  void open_values();
  void open_operand(Open::Kind kind);
  Open::Kind lane_kind() const;

  // --- Places (builder.cpp)
  const SegmentView& view(unsigned segment) const { return views_[segment]; }
  /// An offset for an access of `size` bytes: mostly inside, often at an edge of page, segment or address space.
  std::uint32_t pick_offset(const SegmentView& view, unsigned size, bool address32);
  /// A place inside, on a writable page; any where there is none.
  std::uint32_t inside_offset(const SegmentView& view, unsigned size, bool address32);
  std::uint32_t pick_target(const SegmentView& code);
  std::uint16_t pick_selector();
  std::uint16_t pick_code_selector();
  std::uint16_t pick_stack_selector();
  /// The ModR/M byte, SIB and displacement, the registers set so that the operand lies at a chosen place.
  void emit_modrm();
  void emit_memory_operand(unsigned reg);
  bool try_address16(unsigned reg);
  bool try_address32(unsigned reg);
  /// Chooses the place of the operand once its segment is known.
  std::uint32_t wanted_offset(unsigned default_segment);
  void patch_operand();
  void patch(unsigned segment, std::uint32_t offset, std::uint64_t value, unsigned size) {
    case_.patches.add_number(view(segment).base + offset, value, size);
  }

  // --- What an opcode needs (operands.cpp)
  void prepare();            ///< implicit registers, before the operand's place is chosen
  void prepare_two_byte();
  void prepare_string();
  void prepare_division();
  void prepare_stack_frame();
  std::uint64_t operand_value();  ///< of the memory operand
  unsigned operand_size() const;  ///< its bytes
  void set_operand_register(unsigned reg, unsigned rm);  ///< a register operand that must mean something
  bool uses_stack() const;
  bool branches() const;

  // --- Floating point and vectors (float_operands.cpp)
  void choose_float_state();
  void choose_vector_state();
  std::uint64_t float32();
  std::uint64_t float64();
  std::uint64_t vector_half();
  void float80(std::uint64_t& significand, std::uint16_t& sign_exponent);
  void patch_float_operand(std::uint32_t linear);
  void patch_vector_operand(std::uint32_t linear);
  void patch_environment(std::uint32_t linear, bool whole);
  void patch_fx_image(std::uint32_t linear);

  // --- Bytes
  void byte(unsigned value) {
    if (size_ < sizeof(code_)) code_[size_++] = static_cast<std::uint8_t>(value);
  }
  void bytes(std::uint32_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i) byte(value >> (8 * i) & 0xFF);
  }
  std::uint32_t& gpr(unsigned r) { return case_.registers.gpr[r]; }
  void pin(unsigned r) { pinned_ = static_cast<std::uint8_t>(pinned_ | 1u << r); }
  bool pinned(unsigned r) const { return (pinned_ >> r & 1) != 0; }
  /// A byte register's or a wider register's value.
  void set_register(unsigned r, unsigned size, std::uint32_t value);
  unsigned number() const { return form_.two_byte ? 256u + form_.opcode : form_.opcode; }
  unsigned operand_bytes() const { return operand32_ ? 4 : 2; }

  const Form& form_;
  const bool mode32_;
  Random random_;
  Case& case_;
  SegmentView views_[6];
  std::uint8_t code_[64] = {};
  unsigned size_ = 0;
  std::uint8_t pinned_ = 0;
  std::uint8_t addressed_ = 0;             ///< registers that are part of the operand's address
  std::array<std::uint32_t, 8> first_{};   ///< the general registers before anything was fitted
  bool operand_open_ = false;              ///< the operand in memory is any number
  unsigned random_kind_ = 0;

  // Prefixes of the instruction
  bool operand32_ = false, address32_ = false, operand_prefix_ = false, address_prefix_ = false, lock_ = false;
  std::uint8_t repeat_ = 0;
  int override_ = -1;
  unsigned start_ = 0;  ///< index of its first byte in code_
  int modrm_ = -1;

  // The memory operand, once chosen
  bool memory_ = false;
  unsigned segment_ = kDS;
  std::uint32_t offset_ = 0;

  // A relative branch: where its displacement stands
  int relative_at_ = -1;
  unsigned relative_size_ = 0;
};

}  // namespace ringside::oracle
