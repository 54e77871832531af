#include "debugger/named_guests.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "debugger/option_values.h"
#include "machine/errors.h"

namespace ringside {
namespace {

using Json = nlohmann::json;

std::string in_directory(const NamedGuest& guest, const std::string& file) { return guest.directory + "/" + file; }

void read_option(NamedGuest& guest, const std::string& name, const Json& value) {
  MachineConfig& machine = guest.machine;
  static constexpr const char* kDisks[] = {"hda", "hdb", "hdc", "hdd"};
  for (std::size_t i = 0; i < machine.disks.size(); ++i)
    if (name == kDisks[i]) machine.disks[i] = parse_disk(in_directory(guest, value.get<std::string>()));
  if (name == "kernel") machine.kernel = in_directory(guest, value);
  if (name == "initrd")
    for (const Json& file : value) machine.initrds.push_back(in_directory(guest, file));
  if (name == "append") machine.append = value;
  if (name == "memory") machine.memory = parse_size(value.get<std::string>(), "memory");
  if (name == "boot") machine.boot = value;
  if (name == "cpu") machine.cpu = value;
  if (name == "debug_exit") machine.debug_exit = value;
}

NamedGuest read_guest(const Json& entry) {
  NamedGuest guest;
  guest.name = entry.at("name");
  guest.title = entry.at("title");
  guest.description = entry.at("description");
  guest.directory = std::string(RINGSIDE_GUEST_DIRECTORY) + "/" + entry.at("directory").get<std::string>();
  const Json& build = entry.at("build");
  if (build.contains("target")) guest.target = build.at("target");
  if (build.contains("script")) {
    const auto images = std::filesystem::path(RINGSIDE_GUEST_TABLE).parent_path();
    guest.script = (images / build.at("script").get<std::string>()).string();
  }
  for (const Json& output : entry.at("outputs")) guest.outputs.push_back(in_directory(guest, output));
  for (const Json& file : entry.value("symbols", Json::array())) guest.symbols.push_back(in_directory(guest, file));
  guest.ready = entry.value("ready", "");
  for (const auto& [name, value] : entry.at("options").items()) read_option(guest, name, value);
  return guest;
}

/// Runs a program without a shell, its output on our standard error. Returns its exit status.
int run_program(const std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  const pid_t child = fork();
  if (child < 0) return -1;
  if (child == 0) {
    dup2(STDERR_FILENO, STDOUT_FILENO);
    execvp(pointers[0], pointers.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

bool NamedGuest::built() const {
  return std::all_of(outputs.begin(), outputs.end(),
                     [](const std::string& file) { return std::filesystem::exists(file); });
}

std::vector<NamedGuest> named_guests() {
  std::ifstream file(RINGSIDE_GUEST_TABLE);
  if (!file) throw FileError("guest table '" RINGSIDE_GUEST_TABLE "': cannot be read");
  std::vector<NamedGuest> guests;
  try {
    const Json table = Json::parse(file);
    for (const Json& entry : table.at("guests")) guests.push_back(read_guest(entry));
  } catch (const Json::exception& error) {
    throw FileError(std::string("guest table '" RINGSIDE_GUEST_TABLE "': ") + error.what());
  }
  return guests;
}

NamedGuest find_guest(const std::string& name) {
  std::string names;
  for (const NamedGuest& guest : named_guests()) {
    if (guest.name == name) return guest;
    names += (names.empty() ? "" : ", ") + guest.name;
  }
  throw ConfigError("there is no guest '" + name + "'; there are " + names);
}

void build_guest(const NamedGuest& guest) {
  std::filesystem::create_directories(guest.directory);
  const std::vector<std::string> command =
      guest.target.empty() ? std::vector<std::string>{guest.script, guest.directory}
                           : std::vector<std::string>{"cmake", "--build", RINGSIDE_BUILD_DIRECTORY, "--target", guest.target};
  const int status = run_program(command);
  if (status != 0 || !guest.built())
    throw FileError("guest '" + guest.name + "': could not be built (" + command.front() + " ended with " +
                    std::to_string(status) + ")");
}

}  // namespace ringside
