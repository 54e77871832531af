// finish_rom: what an assembler cannot do for a ROM image. Fills in checksums and writes the symbol list.
//
//     finish_rom IMAGE.raw IMAGE.map IMAGE.bin IMAGE.sym BASE
//
// IMAGE.map is nasm's "[map symbols]" file. For every label NAME_checksum, the byte there is set so that all
// bytes from NAME up to NAME_end have the sum zero, small regions before those that contain them. IMAGE.sym
// gets one line "address name" (hexadecimal, physical: BASE + offset) for every non-local label, by address.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using SymbolMap = std::map<std::string, std::size_t>;

[[noreturn]] void fail(const std::string& message) {
  std::fprintf(stderr, "finish_rom: %s\n", message.c_str());
  std::exit(1);
}

// Lines of the map are "real-address virtual-address name", in sections; labels of structures (absolute
// sections) come in sections of their own, and constants have one number only.
SymbolMap read_map(const std::string& path) {
  std::ifstream file(path);
  if (!file) fail("cannot read " + path);
  SymbolMap symbols;
  bool in_text = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("----")) in_text = line.find("Section .text") != std::string::npos;
    std::istringstream fields(line);
    std::string real, offset, name, rest;
    if (!in_text || !(fields >> real >> offset >> name) || (fields >> rest)) continue;
    if (offset.find_first_not_of("0123456789ABCDEFabcdef") != std::string::npos) continue;
    if (name.find('.') != std::string::npos) continue;
    symbols[name] = std::stoul(offset, nullptr, 16);
  }
  if (symbols.empty()) fail("no symbols in " + path);
  return symbols;
}

struct Region {
  std::size_t begin, end, checksum;
};

std::vector<Region> checksum_regions(const SymbolMap& symbols, std::size_t image_size) {
  const std::string suffix = "_checksum";
  std::vector<Region> regions;
  for (const auto& [name, address] : symbols) {
    if (!name.ends_with(suffix)) continue;
    const std::string base = name.substr(0, name.size() - suffix.size());
    const auto begin = symbols.find(base);
    const auto end = symbols.find(base + "_end");
    if (begin == symbols.end() || end == symbols.end()) fail("no region for " + name);
    const Region region{begin->second, end->second, address};
    if (region.begin > region.checksum || region.checksum >= region.end || region.end > image_size)
      fail("the region of " + name + " is no region");
    regions.push_back(region);
  }
  std::sort(regions.begin(), regions.end(),
            [](const Region& a, const Region& b) { return a.end - a.begin < b.end - b.begin; });
  return regions;
}

void fix_checksum(std::vector<std::uint8_t>& image, const Region& region) {
  image[region.checksum] = 0;
  unsigned sum = 0;
  for (std::size_t at = region.begin; at < region.end; ++at) sum += image[at];
  image[region.checksum] = static_cast<std::uint8_t>(0x100 - (sum & 0xff));
}

void write_symbols(const SymbolMap& symbols, unsigned long base, const std::string& path) {
  std::vector<std::pair<std::size_t, std::string>> sorted;
  for (const auto& [name, offset] : symbols) sorted.emplace_back(offset, name);
  std::sort(sorted.begin(), sorted.end());
  std::ofstream file(path);
  for (const auto& [offset, name] : sorted) {
    char address[16];
    std::snprintf(address, sizeof address, "%08lX", base + static_cast<unsigned long>(offset));
    file << address << ' ' << name << '\n';
  }
  if (!file.flush()) fail("cannot write " + path);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) fail("usage: finish_rom IMAGE.raw IMAGE.map IMAGE.bin IMAGE.sym BASE");
  std::ifstream input(argv[1], std::ios::binary);
  if (!input) fail(std::string("cannot read ") + argv[1]);
  std::vector<std::uint8_t> image{std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>()};
  const SymbolMap symbols = read_map(argv[2]);
  for (const Region& region : checksum_regions(symbols, image.size())) fix_checksum(image, region);
  std::ofstream output(argv[3], std::ios::binary);
  output.write(reinterpret_cast<const char*>(image.data()), static_cast<std::streamsize>(image.size()));
  if (!output.flush()) fail(std::string("cannot write ") + argv[3]);
  write_symbols(symbols, std::strtoul(argv[5], nullptr, 16), argv[4]);
}
