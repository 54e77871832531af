// Fresh cases by the million: the processor that it runs on against Ringside's two executors. What differs is made
// as small as it can be and printed as a test.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "tests/oracle/compare.h"
#include "tests/oracle/expansion.h"
#include "tests/oracle/replay.h"
#include "tests/oracle/shrink.h"
#include "tests/oracle/silicon.h"
#include "tests/oracle/simulated.h"

namespace ringside::oracle {
namespace {

struct Wish {
  std::uint64_t seed = 1, cases = 1000000;
  std::string only;      ///< forms whose keys begin so
  std::string families;  ///< empty for all
  std::string accepted;
  unsigned shown = 20;   ///< tests printed
  unsigned part = 0, parts = 1;  ///< of several processes with the same seed; each stays on the processor of its number
};

class Campaign {
 public:
  explicit Campaign(const Wish& wish) : wish_(wish) {
    std::ifstream in(wish.accepted);
    accepted_ = read_accepted(std::string(std::istreambuf_iterator<char>(in), {}));
    for (const Form& f : all_forms())
      if (f.key.starts_with(wish.only) && in_family(f, wish.families)) forms_.push_back(&f);
  }
  bool run();

 private:
  void one(const Form& form, Mode mode, std::uint64_t index);
  /// Whether the present case has another result on silicon now and then.
  bool wavers();
  void report(const Form& form, Mode mode, Executor e, std::uint32_t bits, std::uint32_t flags);
  bool is_accepted(const Form& form, std::uint32_t bits);
  void progress(std::uint64_t least);

  const Wish& wish_;
  std::vector<const Form*> forms_;
  std::vector<Accepted> accepted_;
  SimulatedProcessor processor_;
  Case case_;
  Result silicon_, again_, ours_;
  std::uint64_t cases_ = 0, different_ = 0, on_purpose_ = 0, skipped_ = 0, next_progress_ = 0;
  std::map<std::string, std::uint64_t> kinds_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

bool Campaign::is_accepted(const Form& form, std::uint32_t bits) {
  const std::string what = listed_differences(bits);
  return std::any_of(accepted_.begin(), accepted_.end(),
                     [&](const Accepted& a) { return a.form == form.key && a.differences == what; });
}

void Campaign::report(const Form& form, Mode mode, Executor e, std::uint32_t bits, std::uint32_t flags) {
  const std::string kind = form.key + (mode == Mode::k32 ? " 32 " : " 16 ") + (e == Executor::kExact ? "reference " : "fast ") +
                           describe_differences(bits, flags);
  if (kinds_[kind]++ != 0 || kinds_.size() > wish_.shown) return;
  const Shows shows = [&](const Case& c) {
    Result a, b;
    std::uint32_t f = 0;
    if (may_call_the_host(c)) return false;
    run_on_silicon(c, a);
    processor_.run(c, e, b);
    return a.vector != Result::kTimeout && differences(c, a, b, f) == bits;
  };
  const Case small = shows(case_) ? shrunk(case_, shows) : case_;
  Result a, b;
  run_on_silicon(small, a);
  processor_.run(small, e, b);
  std::string name = kind.substr(0, kind.find(" ", form.key.size() + 1));
  for (char& letter : name)
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
  std::printf("--- %s (%s)\n%ssilicon %sours    %s\n%s\n", kind.c_str(), form.mnemonic, describe(small).c_str(),
              describe(a).c_str(), describe(b).c_str(), as_test("Form" + name, small, a).c_str());
  std::fflush(stdout);
}

// Rarely, and then at times several times in a row, silicon is not of one mind.
bool Campaign::wavers() {
  constexpr unsigned kTimes = 200;
  for (unsigned i = 0; i < kTimes; ++i) {
    run_on_silicon(case_, again_);
    if (!(again_ == silicon_)) return true;
  }
  return false;
}

void Campaign::one(const Form& form, Mode mode, std::uint64_t index) {
  // Every second case takes the expansion's values, which vectors have.
  generate(form, mode, case_seed(wish_.seed, form, mode, index), case_);
  if (index / 2 % 2 != 0) expand(case_, expansion_seed(wish_.seed, index));
  if (may_call_the_host(case_)) return;
  run_on_silicon(case_, silicon_);
  ++cases_;
  if (silicon_.vector == Result::kTimeout || ran_into_data(case_, silicon_)) {
    ++skipped_;
    return;
  }
  bool differs = false, accepted = false;
  for (const Executor e : {Executor::kExact, Executor::kFast}) {
    processor_.run(case_, e, ours_);
    std::uint32_t flags = 0;
    const std::uint32_t bits = differences(case_, silicon_, ours_, flags);
    if (bits == 0) continue;
    if (fetched_beyond_fifteen(silicon_) || wavers()) {
      ++skipped_;
      return;
    }
    if (is_accepted(form, bits)) {
      accepted = true;
      continue;
    }
    differs = true;
    report(form, mode, e, bits, flags);
  }
  if (differs) ++different_;
  else if (accepted) ++on_purpose_;
}

void Campaign::progress(std::uint64_t least) {
  if (cases_ < least) return;
  next_progress_ += 1000000;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  std::printf("%llu cases, %llu differ, %llu differ on purpose, %llu without a lasting result, %.0f s\n",
              static_cast<unsigned long long>(cases_), static_cast<unsigned long long>(different_),
              static_cast<unsigned long long>(on_purpose_), static_cast<unsigned long long>(skipped_), seconds);
  std::fflush(stdout);
}

bool Campaign::run() {
  if (forms_.empty()) return false;
  std::printf("seed %llu, %s\n", static_cast<unsigned long long>(wish_.seed), silicon_name().c_str());
  next_progress_ = 1000000;
  for (std::uint64_t index = wish_.part; cases_ < wish_.cases; index += wish_.parts)
    for (const Form* form : forms_) {
      for (const Mode mode : {Mode::k16, Mode::k32}) one(*form, mode, index);
      progress(next_progress_);
      if (cases_ >= wish_.cases) break;
    }
  for (const auto& [kind, count] : kinds_)
    std::printf("%8llu  %s\n", static_cast<unsigned long long>(count), kind.c_str());
  progress(0);
  return different_ == 0;
}

}  // namespace
}  // namespace ringside::oracle

int main(int argc, char** argv) {
  using namespace ringside::oracle;
  Wish wish;
  CLI::App app("Compares Ringside with the processor that it runs on, in fresh cases", "oracle_campaign");
  app.add_option("--seed", wish.seed);
  app.add_option("--cases", wish.cases);
  app.add_option("--only", wish.only, "forms whose keys begin so");
  app.add_option("--families", wish.families)->check(CLI::IsMember(family_names()));
  app.add_option("--accepted", wish.accepted, "what differs on purpose: tests/known_failures.txt")->check(CLI::ExistingFile);
  app.add_option("--show", wish.shown, "tests printed");
  app.add_option("--part", wish.part, "which of several processes with the same seed this is");
  app.add_option("--parts", wish.parts, "how many there are")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  if (wish.part >= wish.parts) {
    std::fputs("oracle_campaign: --part counts from 0 and is less than --parts\n", stderr);
    return 1;
  }
  if (const std::string obstacle = silicon_obstacle(); !obstacle.empty()) {
    std::fprintf(stderr, "oracle_campaign: %s\n", obstacle.c_str());
    return 1;
  }
  stay_on_processor(wish.part);
  return Campaign(wish).run() ? 0 : 1;
}
