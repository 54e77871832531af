// The file of cases captured on silicon: inputs and results. It depends on nothing but layout.h and expansion.h, so
// the generator may change without it. A section holds the cases of one form in one mode: some bases, and of each
// base several cases that differ in the values that the base leaves open.
//
//   "RSVECT01", checksum u32 (CRC-32 of all that follows), format version u16, expansion version u16,
//   processor (u16 length, text), number of sections u32, sections, number of columns u16, columns
//   section  key (u8 length, text), mode u8 (16 or 32), seed u64, bases u32, cases of each u8, digest u64
//   column   size u32, size compressed u32, zlib data
//
// Numbers are little-endian. A column holds one field of all cases of the file, because alike bytes compress best;
// numbers of more than a byte take a column for each of their bytes. The columns and their order: vector_columns.h.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tests/oracle/case.h"
#include "tests/oracle/generator.h"

namespace ringside::oracle {

constexpr unsigned kFormatVersion = 1;

struct Section {
  std::string key;
  Mode mode = Mode::k16;
  std::uint64_t seed = 0;
  std::uint32_t bases = 0;
  std::uint8_t cases = 0;    ///< of each base
  std::uint64_t digest = 0;  ///< of all inputs as they are after the expansion
};

/// Digest of a case's inputs, on from `digest`.
std::uint64_t digest_of(const Case& c, std::uint64_t digest);

class VectorWriter {
 public:
  explicit VectorWriter(std::string processor);
  ~VectorWriter();
  void begin_section(const std::string& key, Mode mode, std::uint64_t seed, std::uint8_t cases_of_each);
  /// `results` in the order of the expansions; vector Result::kTimeout for those that are none.
  void add(const Case& base, std::span<const Result> results);
  std::vector<std::uint8_t> finish();

 private:
  struct Columns;
  std::string processor_;
  std::vector<Section> sections_;
  std::unique_ptr<Columns> columns_;
};

class VectorReader {
 public:
  VectorReader();
  ~VectorReader();
  /// Reads a file's bytes; what is wrong with them, or nothing.
  std::string open(std::span<const std::uint8_t> bytes);
  const std::string& processor() const { return processor_; }
  std::span<const Section> sections() const { return sections_; }

  enum class Next { kCase, kSkipped, kEnd, kDamaged };
  /// The next case of the section at hand with its result; kEnd behind its last one.
  Next next(Case& c, Result& r);
  /// Goes to the next section (to the first one at first); nullptr behind the last.
  const Section* next_section();
  /// True where the section's inputs were what the writer had.
  bool digest_agrees() const;

 private:
  struct Columns;
  std::string processor_;
  std::vector<Section> sections_;
  std::unique_ptr<Columns> columns_;
  std::size_t section_ = 0;
  std::uint64_t number_ = 0;  ///< of the next case within the section
  std::uint64_t digest_ = 0;
  Case base_;
};

}  // namespace ringside::oracle
