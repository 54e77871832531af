#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include "tests/oracle/compare.h"
#include "tests/oracle/silicon.h"
#include "tests/oracle/simulated.h"
using namespace ringside::oracle;
int main(int argc, char** argv) {
  if (auto o = silicon_obstacle(); !o.empty()) { std::puts(o.c_str()); return 1; }
  std::uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 1;
  unsigned per = argc > 2 ? unsigned(std::atoi(argv[2])) : 100;
  const char* only = argc > 3 ? argv[3] : "";
  int show = argc > 4 ? std::atoi(argv[4]) : 1;
  SimulatedProcessor sim; Case c; Result a, b;
  std::uint64_t total = 0, bad = 0;
  for (const Form& f : all_forms()) {
    if (*only && f.key.compare(0, std::strlen(only), only) != 0) continue;
    if (const char* fam = std::getenv("FAM"); fam && !std::strchr(fam, char(0x30 + int(f.family)))) continue;
    std::map<std::string, unsigned> kinds; 
    for (Mode m : {Mode::k16, Mode::k32}) for (unsigned i = 0; i < per; ++i) {
      generate(f, m, case_seed(seed, f, m, i), c);
      if (std::getenv("TRACE")) { std::printf("%s %d %u %s\n", f.key.c_str(), int(m), i, describe(c).c_str()); std::fflush(stdout); }
      run_on_silicon(c, a);
      for (Executor e : {Executor::kExact, Executor::kFast}) {
        sim.run(c, e, b); ++total;
        std::uint32_t flags; auto d = differences(c, a, b, flags);
        if (d) { ++bad; std::string k = (e == Executor::kExact ? "exact " : "fast ") + describe_differences(d, flags) + " v" + std::to_string(a.vector) + "/" + std::to_string(b.vector);
          if (kinds[k]++ == 0 && show > 1) std::printf("--- %s %s mode %d i %u: %s\n%ssilicon %sours    %s", f.key.c_str(), f.mnemonic, m == Mode::k16 ? 16 : 32, i, k.c_str(), describe(c).c_str(), describe(a).c_str(), describe(b).c_str()); }
      }
    }
    if (show) for (auto& [k, n] : kinds) std::printf("%-8s %-10s %6u  %s\n", f.key.c_str(), f.mnemonic, n, k.c_str());
  }
  std::printf("%llu runs, %llu differ\n", (unsigned long long)total, (unsigned long long)bad);
}
