// Captures a set of vector files on the processor that it runs on.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "tests/oracle/compare.h"
#include "tests/oracle/expansion.h"
#include "tests/oracle/silicon.h"
#include "tests/oracle/vector_file.h"

namespace ringside::oracle {
namespace {

struct Wish {
  std::string out;
  std::uint64_t seed = 1;
  unsigned cases = 1000;  ///< of each form and mode
  unsigned each = 4;      ///< of each base
  unsigned files = 8;
  std::string families = "integer";
};

struct Count {
  std::uint64_t cases = 0, skipped = 0;
};

/// Runs it twice: what differs from time to time is no vector.
void capture(const Case& c, Result& result, Count& count) {
  Result again;
  if (may_call_the_host(c)) result.vector = Result::kTimeout;
  else run_on_silicon(c, result);
  if (result.vector != Result::kTimeout) {
    run_on_silicon(c, again);
    if (!(again == result) || ran_into_data(c, result)) result.vector = Result::kTimeout;
  }
  ++(result.vector == Result::kTimeout ? count.skipped : count.cases);
}

void capture_section(const Wish& wish, const Form& form, Mode mode, VectorWriter& writer, Count& count) {
  const std::uint64_t seed = case_seed(wish.seed, form, mode, ~std::uint64_t{0});
  writer.begin_section(form.key, mode, seed, static_cast<std::uint8_t>(wish.each));
  std::vector<Result> results(wish.each);
  Case base, c;
  for (unsigned b = 0; b < wish.cases / wish.each; ++b) {
    generate(form, mode, case_seed(wish.seed, form, mode, b), base);
    for (unsigned i = 0; i < wish.each; ++i) {
      c = base;
      expand(c, expansion_seed(seed, std::uint64_t{b} * wish.each + i));
      capture(c, results[i], count);
    }
    writer.add(base, results);
  }
}

int capture_all(const Wish& wish) {
  std::vector<const Form*> forms;
  for (const Form& f : all_forms())
    if (in_family(f, wish.families)) forms.push_back(&f);
  Count total;
  std::uint64_t total_bytes = 0;
  for (unsigned file = 0; file < wish.files; ++file) {
    VectorWriter writer(silicon_name());
    Count count;
    for (std::size_t i = forms.size() * file / wish.files; i < forms.size() * (file + 1) / wish.files; ++i)
      for (const Mode mode : {Mode::k16, Mode::k32}) capture_section(wish, *forms[i], mode, writer, count);
    const std::vector<std::uint8_t> bytes = writer.finish();
    const std::string name = wish.out + "/" + wish.families + "-" + std::to_string(file) + ".vec";
    std::ofstream out(name, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) {
      std::fprintf(stderr, "oracle_capture: cannot write %s\n", name.c_str());
      return 1;
    }
    std::printf("%s: %llu cases, %llu without a lasting result, %zu bytes\n", name.c_str(),
                static_cast<unsigned long long>(count.cases), static_cast<unsigned long long>(count.skipped), bytes.size());
    total.cases += count.cases;
    total.skipped += count.skipped;
    total_bytes += bytes.size();
  }
  std::printf("%llu cases, %llu without a lasting result, %llu bytes\n", static_cast<unsigned long long>(total.cases),
              static_cast<unsigned long long>(total.skipped), static_cast<unsigned long long>(total_bytes));
  return 0;
}

}  // namespace
}  // namespace ringside::oracle

int main(int argc, char** argv) {
  using namespace ringside::oracle;
  Wish wish;
  CLI::App app("Captures a set of vector files on the processor that it runs on", "oracle_capture");
  app.add_option("DIRECTORY", wish.out, "where the files go")->required()->check(CLI::ExistingDirectory);
  app.add_option("--families", wish.families)->check(CLI::IsMember(family_names()));
  app.add_option("--seed", wish.seed);
  app.add_option("--cases", wish.cases, "of each form and mode");
  app.add_option("--each", wish.each, "cases of a base")->check(CLI::Range(1, 255));
  app.add_option("--files", wish.files)->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);
  if (const std::string obstacle = silicon_obstacle(); !obstacle.empty()) {
    std::fprintf(stderr, "oracle_capture: %s\n", obstacle.c_str());
    return 1;
  }
  stay_on_processor(0);
  return capture_all(wish);
}
