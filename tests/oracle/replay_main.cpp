// Replays vector files on Ringside's processor: in the reference executor and in the fast path. Fails when a result
// differs from silicon's without being listed, and when something is listed that does not happen.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "tests/oracle/compare.h"
#include "tests/oracle/replay.h"
#include "tests/oracle/simulated.h"
#include "tests/oracle/vector_file.h"

namespace ringside::oracle {
namespace {

struct Wish {
  std::vector<std::string> files;
  std::string accepted;
  bool table = false, forms = false, vectors = false, causes = false;
  unsigned shown = 3;  ///< differences in full
};

std::optional<std::string> contents(const std::string& name) {
  std::ifstream in(name, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

class Replay {
 public:
  explicit Replay(const Wish& wish) : wish_(wish) {
    if (wish.causes) processor_.count_causes();
    if (const auto text = contents(wish.accepted)) accepted_ = read_accepted(*text);
  }

  bool file(const std::string& name);
  bool report();

 private:
  bool section(const std::string& file, const Section& s, VectorReader& reader);
  /// True where both executors come to the known result, or differ from it as they should.
  bool run(const Case& c, const Result& expected, Tally& tally, bool& accepted);
  void show(const Case& c, const Result& expected, const Tally& tally, Executor e, const std::string& what);

  const Wish& wish_;
  SimulatedProcessor processor_;
  std::vector<Accepted> accepted_;
  std::vector<Tally> tallies_;
  Result result_;
  unsigned shown_ = 0;
};

bool Replay::file(const std::string& name) {
  const auto bytes = contents(name);
  if (!bytes) {
    std::fprintf(stderr, "oracle_replay: cannot read %s\n", name.c_str());
    return false;
  }
  VectorReader reader;
  const std::string complaint =
      reader.open({reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()});
  if (!complaint.empty()) {
    std::fprintf(stderr, "oracle_replay: %s: %s\n", name.c_str(), complaint.c_str());
    return false;
  }
  std::printf("%s, captured on %s\n", name.c_str(), reader.processor().c_str());
  while (const Section* s = reader.next_section())
    if (!section(name, *s, reader)) return false;
  return true;
}

bool Replay::section(const std::string& file, const Section& s, VectorReader& reader) {
  Tally tally;
  tally.key = s.key;
  tally.mode = s.mode;
  Case c;
  Result expected;
  for (;;) {
    const VectorReader::Next next = reader.next(c, expected);
    if (next == VectorReader::Next::kEnd) break;
    if (next == VectorReader::Next::kDamaged) {
      std::fprintf(stderr, "oracle_replay: %s: the cases of %s make no sense\n", file.c_str(), s.key.c_str());
      return false;
    }
    if (next == VectorReader::Next::kSkipped) {
      ++tally.skipped;
      continue;
    }
    ++tally.cases;
    ++tally.vectors[expected.vector % 32];
    bool accepted = false;
    if (!run(c, expected, tally, accepted)) ++tally.different;
    else if (accepted) ++tally.accepted;
  }
  if (!reader.digest_agrees()) {
    std::fprintf(stderr, "oracle_replay: %s: the inputs of %s are not those that were captured\n", file.c_str(), s.key.c_str());
    return false;
  }
  if (tally.different != 0 || wish_.forms)
    std::printf("%-10s %d bits: %llu cases, %llu differ, %llu differ on purpose\n", s.key.c_str(), s.mode == Mode::k32 ? 32 : 16,
                static_cast<unsigned long long>(tally.cases), static_cast<unsigned long long>(tally.different),
                static_cast<unsigned long long>(tally.accepted));
  tallies_.push_back(std::move(tally));
  return true;
}

bool Replay::run(const Case& c, const Result& expected, Tally& tally, bool& accepted) {
  bool good = true;
  for (const Executor e : {Executor::kExact, Executor::kFast}) {
    processor_.run(c, e, result_);
    std::uint32_t flags = 0;
    const std::uint32_t bits = differences(c, expected, result_, flags);
    if (bits == 0) continue;
    const std::string what = listed_differences(bits);
    bool listed = false;
    for (Accepted& a : accepted_)
      if (a.form == tally.key && a.differences == what) {
        ++a.used;
        listed = accepted = true;
      }
    if (listed) continue;
    good = false;
    show(c, expected, tally, e, what);
  }
  return good;
}

void Replay::show(const Case& c, const Result& expected, const Tally& tally, Executor e, const std::string& what) {
  if (shown_++ >= wish_.shown) return;
  std::printf("--- %s, %d bits, %s: %s\n%ssilicon %sours    %s", tally.key.c_str(), tally.mode == Mode::k32 ? 32 : 16,
              e == Executor::kExact ? "reference executor" : "fast path", what.c_str(), describe(c).c_str(),
              describe(expected).c_str(), describe(result_).c_str());
}

bool Replay::report() {
  std::uint64_t cases = 0, different = 0, on_purpose = 0, skipped = 0;
  std::array<std::uint64_t, 32> vectors{};
  for (const Tally& t : tallies_) {
    cases += t.cases;
    different += t.different;
    on_purpose += t.accepted;
    skipped += t.skipped;
    for (unsigned i = 0; i < 32; ++i) vectors[i] += t.vectors[i];
  }
  if (wish_.table) std::fputs(table(tallies_).c_str(), stdout);
  if (wish_.vectors)
    for (unsigned i = 0; i < 32; ++i)
      if (vectors[i] != 0) std::printf("ended by exception %u: %llu\n", i, static_cast<unsigned long long>(vectors[i]));
  if (wish_.causes)
    for (const auto& [name, count] : processor_.causes()) std::printf("%-28s %llu\n", name.c_str(), static_cast<unsigned long long>(count));
  bool stale = false;
  for (const Accepted& a : accepted_) {
    const bool concerned = std::any_of(tallies_.begin(), tallies_.end(), [&](const Tally& t) { return t.key == a.form; });
    if (!concerned || a.used != 0) continue;
    stale = true;
    std::printf("%s %s is listed in known_failures.txt and does not happen\n", a.form.c_str(), a.differences.c_str());
  }
  std::printf("%llu cases of %zu forms and modes: %llu differ, %llu differ on purpose (%llu had no lasting result)\n",
              static_cast<unsigned long long>(cases), tallies_.size(), static_cast<unsigned long long>(different),
              static_cast<unsigned long long>(on_purpose), static_cast<unsigned long long>(skipped));
  return different == 0 && !stale && cases != 0;
}

}  // namespace
}  // namespace ringside::oracle

int main(int argc, char** argv) {
  using namespace ringside::oracle;
  Wish wish;
  CLI::App app("Replays vector files on Ringside's processor", "oracle_replay");
  app.add_option("FILES", wish.files)->required()->check(CLI::ExistingFile);
  app.add_option("--accepted", wish.accepted, "what differs on purpose: tests/known_failures.txt")->check(CLI::ExistingFile);
  app.add_flag("--table", wish.table, "the README's table");
  app.add_flag("--forms", wish.forms, "a line for each form");
  app.add_flag("--vectors", wish.vectors, "a line for each exception");
  app.add_flag("--causes", wish.causes, "a line for each cause");
  app.add_option("--show", wish.shown, "differences in full");
  CLI11_PARSE(app, argc, argv);
  Replay replay(wish);
  bool good = true;
  for (const std::string& name : wish.files) good = replay.file(name) && good;
  return replay.report() && good ? 0 : 1;
}
