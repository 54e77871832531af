#include <zlib.h>

#include <array>
#include <cstring>

#include "tests/oracle/expansion.h"
#include "tests/oracle/layout.h"
#include "tests/oracle/vector_columns.h"
#include "tests/oracle/vector_file.h"

namespace ringside::oracle {

using namespace columns;

namespace {

constexpr std::uint32_t kMaxColumn = 256u << 20;
constexpr std::uint32_t kMaxRatio = 1040;  ///< beyond what deflate reaches

/// Reads bytes in order; past the end it reads zeros and remembers.
class Input {
 public:
  Input() = default;
  explicit Input(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint8_t byte() {
    if (at_ == bytes_.size()) {
      bad_ = true;
      return 0;
    }
    return bytes_[at_++];
  }
  std::uint64_t number(unsigned size) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < size; ++i) value |= std::uint64_t{byte()} << (8 * i);
    return value;
  }
  std::uint32_t word() { return static_cast<std::uint32_t>(number(4)); }
  std::span<const std::uint8_t> bytes(std::size_t size) {
    if (size > bytes_.size() - at_) {
      bad_ = true;
      return {};
    }
    const auto part = bytes_.subspan(at_, size);
    at_ += size;
    return part;
  }
  std::string text(std::size_t size) {
    const auto part = bytes(size);
    return {part.begin(), part.end()};
  }
  bool bad() const { return bad_; }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  bool bad_ = false;
};

/// What any CPL 3 program may have, and nothing that a simulated processor could not be in.
bool possible(const Case& c) {
  constexpr std::uint32_t kAllowed = 2 | kArithmetic | kTF | kIF | kDF | kNT | kRF | kAC | kID;
  const Registers& r = c.registers;
  if ((r.eflags & ~kAllowed) != 0 || (r.eflags & (2 | kIF)) != (2 | kIF)) return false;
  for (unsigned i = 0; i < 6; ++i) {
    const SegmentView view = view_of(r.seg[i]);
    const bool null = (r.seg[i] & ~3u) == 0;
    if (i == kCS ? !view.usable || !view.code : i == kSS ? !view.usable || !view.writable : !view.usable && !null) return false;
  }
  return (c.fpu.quad(FpuImage::kMxcsr) >> 16) == 0 && c.code_size <= kMaxCode;
}

}  // namespace

struct VectorReader::Columns {
  std::array<std::vector<std::uint8_t>, kCount> plain;
  std::array<Input, kCount> in;
  std::vector<std::uint8_t> buffer;

  unsigned byte(unsigned c) { return in[c].byte(); }
  std::uint32_t planes(unsigned c, unsigned size) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < size; ++i) value |= static_cast<std::uint32_t>(in[c + i].byte()) << (8 * i);
    return value;
  }
  bool bad() const {
    for (const Input& i : in)
      if (i.bad()) return true;
    return false;
  }

  std::string unpack(Input& file);
  bool base(Case& c);
  bool runs(Case& c);
  void fpu(Case& c);
  bool result(const Case& c, Result& r);
  bool changes(const Case& c, Result& r);
  void fpu_changes(const Case& c, Result& r);
};

std::string VectorReader::Columns::unpack(Input& file) {
  if (file.number(2) != kCount) return "another number of columns than this format has";
  for (unsigned i = 0; i < kCount; ++i) {
    const std::uint32_t size = file.word(), packed_size = file.word();
    const auto packed = file.bytes(packed_size);
    if (file.bad()) return "the file is cut off";
    if (size > kMaxColumn || size / kMaxRatio > packed_size) return "a column of impossible size";
    plain[i].resize(size);
    uLongf unpacked = size;
    std::uint8_t nothing = 0;
    if (uncompress(size != 0 ? plain[i].data() : &nothing, &unpacked, packed.data(), packed_size) != Z_OK || unpacked != size)
      return "a column does not unpack";
    in[i] = Input(plain[i]);
  }
  return {};
}

bool VectorReader::Columns::base(Case& c) {
  c.clear();
  Registers& r = c.registers;
  for (unsigned i = 0; i < 6; ++i) r.seg[i] = static_cast<std::uint16_t>(planes(kSelectors + 2 * i, 2));
  r.eflags = planes(kFlags, 4);
  c.open.registers = static_cast<std::uint8_t>(byte(kOpenRegisters));
  const unsigned kinds = byte(kOpenKinds);
  c.open.flags = (kinds & 1) != 0;
  if ((kinds >> 1 & 7) > Open::kBits || (kinds >> 4) > Open::kBits) return false;
  c.open.stack_kind = static_cast<Open::Kind>(kinds >> 1 & 7);
  c.open.xmm_kind = static_cast<Open::Kind>(kinds >> 4);
  if (c.open.stack_kind != Open::kFixed || c.open.xmm_kind != Open::kFixed) {
    c.open.stack = static_cast<std::uint8_t>(byte(kOpenFpu));
    c.open.xmm = static_cast<std::uint8_t>(byte(kOpenFpu));
  }
  for (unsigned i = 0; i < 8; ++i)
    if ((c.open.registers >> i & 1) == 0) r.gpr[i] = planes(kGpr, 4);
  r.eip = planes(kEip, 4);
  if (!runs(c)) return false;
  fpu(c);
  return !bad() && possible(c);
}

bool VectorReader::Columns::runs(Case& c) {
  const unsigned count = byte(kRunCount);
  if (count == 0 || count > kMaxRuns) return false;
  std::uint32_t expected = kDataAt;
  for (unsigned i = 0; i < count; ++i) {
    const bool code = i + 1 == count;
    if (code) expected = view_of(c.registers.seg[kCS]).base + c.registers.eip;
    const std::uint32_t linear = planes(kRunPlace, 4) + expected;
    const std::uint32_t size = planes(kRunSize, 2);
    const unsigned kind = byte(kRunKind);
    if (size > kMaxRunSize || kind > Open::kBits || (code && (size > kMaxCode || kind != Open::kFixed))) return false;
    c.open.memory.push_back(static_cast<Open::Kind>(kind));
    buffer.assign(size, 0);
    if (code || kind == Open::kFixed) {
      const auto part = in[code ? kCode : kRunBytes].bytes(size);
      if (part.size() != size) return false;
      std::copy(part.begin(), part.end(), buffer.begin());
    }
    c.patches.add(linear, buffer);
    expected = linear + size;
    if (code) {
      c.code_at = linear;
      c.code_size = static_cast<std::uint8_t>(size);
    }
  }
  return true;
}

void VectorReader::Columns::fpu(Case& c) {
  const std::uint64_t mask = in[kFpuMask].number(5);
  for (unsigned i = 0; i < kQuads; ++i)
    if ((mask >> i & 1) != 0) c.fpu.set_quad(8 * i, in[kFpuQuads].number(8));
}

bool VectorReader::Columns::result(const Case& c, Result& r) {
  r.vector = static_cast<std::uint8_t>(byte(kVector));
  if (r.vector == Result::kTimeout) return true;
  r.registers = c.registers;
  const unsigned changed = byte(kChanged), others = byte(kOthers);
  for (unsigned i = 0; i < 8; ++i)
    if ((changed >> i & 1) != 0) r.registers.gpr[i] = planes(kRegisters, 4);
  if ((others & kOtherEip) != 0) r.registers.eip = in[kNumbers].word();
  else r.registers.eip += byte(kAhead);
  r.error_code = (others & kErrorCode) != 0 ? in[kNumbers].word() : 0;
  r.cr2 = (others & kCr2) != 0 ? in[kNumbers].word() : 0;
  if ((others & kSystemFlags) != 0) r.registers.eflags = in[kNumbers].word();
  else r.registers.eflags ^= unpacked_flags(byte(kArithmeticFlags)) ^ (r.vector != 1 ? kRF : 0u);
  if ((others & kSegments) != 0) {
    const unsigned which = byte(kNewSelectors);
    for (unsigned i = 0; i < 6; ++i)
      if ((which >> i & 1) != 0) r.registers.seg[i] = static_cast<std::uint16_t>(in[kNewSelectors].number(2));
  }
  r.changes.clear();
  if ((others & kMemory) != 0 && !changes(c, r)) return false;
  r.fpu = c.fpu;
  if ((others & kFpu) != 0) fpu_changes(c, r);
  return !bad();
}

bool VectorReader::Columns::changes(const Case& c, Result& r) {
  const std::uint32_t count = planes(kChangeCount, 2);
  std::uint32_t expected = c.patches.runs().front().linear;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t linear = planes(kChangePlace, 4) + expected;
    const std::uint32_t size = planes(kChangeSize, 2);
    const auto part = in[kChangeBytes].bytes(size);
    if (part.size() != size) return false;
    r.changes.add(linear, part);
    expected = linear + size;
  }
  return true;
}

void VectorReader::Columns::fpu_changes(const Case& c, Result& r) {
  const std::uint64_t mask = in[kFpuChanges].number(5);
  for (unsigned i = 0; i < kQuads; ++i) {
    if ((mask >> i & 1) != 0) r.fpu.set_quad(8 * i, in[kNewQuads].number(8));
    if (i != 0) continue;
    const std::uint64_t first = r.fpu.quad(0);
    r.fpu = turned(c.fpu, r.fpu.word(FpuImage::kStatus));
    r.fpu.set_quad(0, first);
  }
}

VectorReader::VectorReader() : columns_(std::make_unique<Columns>()) {}
VectorReader::~VectorReader() = default;

std::string VectorReader::open(std::span<const std::uint8_t> bytes) {
  Input file(bytes);
  if (file.text(8) != "RSVECT01") return "not a file of vectors";
  const std::uint32_t checksum = file.word();
  if (file.bad()) return "the file is cut off";
  const auto body = bytes.subspan(12);
  if (crc32(0, body.data(), static_cast<uInt>(body.size())) != checksum) return "the file is damaged: its checksum is wrong";
  if (file.number(2) != kFormatVersion) return "a later version of the format";
  if (file.number(2) != kExpansionVersion) return "a later version of the expansion";
  processor_ = file.text(static_cast<std::size_t>(file.number(2)));
  const std::uint32_t count = file.word();
  for (std::uint32_t i = 0; i < count && !file.bad(); ++i) {
    Section s;
    s.key = file.text(static_cast<std::size_t>(file.number(1)));
    const std::uint64_t mode = file.number(1);
    s.mode = mode == 32 ? Mode::k32 : Mode::k16;
    s.seed = file.number(8);
    s.bases = file.word();
    s.cases = file.byte();
    s.digest = file.number(8);
    if (mode != 16 && mode != 32) return "a section of neither 16 nor 32 bits";
    if (s.cases == 0) return "a section without cases";
    sections_.push_back(std::move(s));
  }
  if (file.bad()) return "the file is cut off";
  const std::string complaint = columns_->unpack(file);
  if (!complaint.empty()) return complaint;
  return file.at_end() ? std::string() : "bytes behind the last column";
}

const Section* VectorReader::next_section() {
  if (section_ == sections_.size()) return nullptr;
  number_ = 0;
  digest_ = 0;
  return &sections_[section_++];
}

VectorReader::Next VectorReader::next(Case& c, Result& r) {
  if (section_ == 0) return Next::kEnd;
  const Section& s = sections_[section_ - 1];
  if (number_ == std::uint64_t{s.bases} * s.cases) return Next::kEnd;
  if (number_ % s.cases == 0 && !columns_->base(base_)) return Next::kDamaged;
  c = base_;
  expand(c, expansion_seed(s.seed, number_++));
  digest_ = digest_of(c, digest_);
  if (!columns_->result(c, r)) return Next::kDamaged;
  return r.vector == Result::kTimeout ? Next::kSkipped : Next::kCase;
}

bool VectorReader::digest_agrees() const { return section_ != 0 && digest_ == sections_[section_ - 1].digest; }

}  // namespace ringside::oracle
