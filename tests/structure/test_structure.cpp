// The directions of DESIGN, checked on every #include of the tree.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// What each folder may include, beside itself.
const std::map<std::string, std::set<std::string>> kAllowed = {
    {"memory", {}},
    {"cpu", {"memory"}},
    {"devices", {"memory"}},
    {"bios", {}},
    {"machine", {"cpu", "memory", "devices", "bios"}},
    {"debugger", {"machine", "cpu", "memory", "devices", "bios"}},
    {"gui", {"debugger", "machine", "cpu", "memory", "devices", "bios"}},
    {"app", {"gui", "debugger", "machine", "cpu", "memory", "devices", "bios"}},
};

/// Nothing below `machine` reads the host's clock, randomness, files or threads.
const std::set<std::string> kHostHeaders = {
    "chrono",     "thread",   "mutex",      "future",  "random",      "fstream",    "iostream",  "filesystem",
    "cstdio",     "stdio.h",  "ctime",      "time.h",  "sys/time.h",  "unistd.h",   "fcntl.h",   "pthread.h",
    "clocale",    "locale",   "locale.h",   "stdlib.h", "sys/stat.h", "sys/random.h", "condition_variable",
    "semaphore",  "csignal",  "signal.h",   "sys/socket.h",
};

struct Include {
  std::string file;  ///< relative to the tree
  int line;
  std::string name;
  bool quoted;
};

std::vector<Include> includes_of(const std::string& folder) {
  std::vector<Include> found;
  const fs::path root = fs::path(RINGSIDE_SOURCE);
  if (!fs::exists(root / folder)) return found;
  for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".h" && extension != ".cpp" && extension != ".inc" && extension != ".def") continue;
    std::ifstream file(entry.path());
    std::string text;
    for (int line = 1; std::getline(file, text); ++line) {
      if (text.rfind("#include", 0) != 0) continue;
      const std::size_t open = text.find_first_of("<\"");
      if (open == std::string::npos) continue;
      const std::size_t close = text.find_first_of(">\"", open + 1);
      if (close == std::string::npos) continue;
      found.push_back({fs::relative(entry.path(), root).string(), line, text.substr(open + 1, close - open - 1),
                       text[open] == '"'});
    }
  }
  return found;
}

std::string where(const Include& include) {
  return include.file + ":" + std::to_string(include.line) + " includes " + include.name;
}

TEST(Structure, IncludesFollowTheDirection) {
  for (const auto& [folder, allowed] : kAllowed) {
    for (const Include& include : includes_of(folder)) {
      if (!include.quoted) continue;
      const std::string target = include.name.substr(0, include.name.find('/'));
      if (kAllowed.count(target) == 0) continue;
      EXPECT_TRUE(target == folder || allowed.count(target) != 0) << where(include);
    }
  }
}

TEST(Structure, OwnHeadersAreNamedFromTheRoot) {
  for (const auto& [folder, allowed] : kAllowed) {
    if (folder == "bios") continue;  // assembler includes are relative
    for (const Include& include : includes_of(folder)) {
      if (!include.quoted) continue;
      EXPECT_NE(include.name.find('/'), std::string::npos) << where(include);
    }
  }
}

TEST(Structure, WindowLibrariesStayInGui) {
  for (const auto& [folder, allowed] : kAllowed) {
    if (folder == "gui") continue;
    for (const Include& include : includes_of(folder)) {
      EXPECT_EQ(include.name.find("SDL"), std::string::npos) << where(include);
      EXPECT_EQ(include.name.find("imgui"), std::string::npos) << where(include);
    }
  }
}

TEST(Structure, NoHostBelowTheMachine) {
  for (const char* folder : {"memory", "cpu", "devices"})
    for (const Include& include : includes_of(folder)) EXPECT_EQ(kHostHeaders.count(include.name), 0u) << where(include);
}

TEST(Structure, EveryFolderWasLookedAt) {
  for (const char* folder : {"memory", "cpu", "devices", "machine", "debugger", "app"})
    EXPECT_FALSE(includes_of(folder).empty()) << folder;
}

}  // namespace
