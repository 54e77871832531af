#include "machine/config_json.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "bios/rom_images.h"
#include "cpu/cpu_model.h"
#include "machine/errors.h"
#include "machine/host_file.h"
#include "machine/state_hash.h"

namespace ringside {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDiskNames[] = {"hda", "hdb", "hdc", "hdd"};
constexpr const char* kModeNames[] = {"cow", "rw", "ro", "discard"};
constexpr std::size_t kMaxMedia = 1024;

std::string absolute(const std::string& path) {
  return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
}

DiskConfig disk_from_json(const Json& json) {
  DiskConfig disk;
  disk.path = json.at("path").get<std::string>();
  const auto mode = json.at("mode").get<std::string>();
  const auto* const found = std::find(std::begin(kModeNames), std::end(kModeNames), mode);
  if (found == std::end(kModeNames)) throw StateError("there is no disk mode '" + mode + "'");
  disk.mode = static_cast<DiskMode>(found - std::begin(kModeNames));
  return disk;
}

Medium file_medium(const std::string& role, const std::string& path) {
  const HostFile file(path, role.c_str(), false);
  return {role, path, file.size(), hash_of_file(path, role.c_str())};
}

Medium rom_medium(const std::string& role, const std::string& path, std::span<const std::uint8_t> built_in) {
  if (!path.empty()) return file_medium(role, path);
  StateHasher hasher;
  std::vector<std::uint8_t> copy(built_in.begin(), built_in.end());
  hasher.bytes("content", copy.data(), copy.size());
  return {role, "", copy.size(), hasher.digest()};
}

}  // namespace

std::string hash_of_file(const std::string& path, const char* what) {
  const HostFile file(path, what, false);
  StateHasher hasher;
  std::vector<std::uint8_t> buffer(1 << 20);
  for (std::uint64_t at = 0; at < file.size();) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), file.size() - at));
    if (!file.read(at, std::span(buffer).first(part))) throw FileError(std::string(what) + " '" + path + "': cannot be read");
    hasher.bytes("content", buffer.data(), part);
    at += part;
  }
  return hasher.digest();
}

MachineConfig normal_form(MachineConfig config) {
  if (config.cpu.empty()) config.cpu = std::string(default_cpu_model().name);
  for (std::string* path : {&config.bios, &config.vga_bios, &config.kernel}) *path = absolute(*path);
  for (std::string& path : config.initrds) path = absolute(path);
  for (auto& disk : config.disks)
    if (disk) disk->path = absolute(disk->path);
  return config;
}

Json config_to_json(const MachineConfig& given) {
  const MachineConfig config = normal_form(given);
  Json json{{"memory", config.memory}, {"cpu", config.cpu}, {"ips", config.ips}};
  if (!config.bios.empty()) json["bios"] = config.bios;
  if (!config.vga_bios.empty()) json["vgabios"] = config.vga_bios;
  for (std::size_t i = 0; i < config.disks.size(); ++i)
    if (config.disks[i])
      json[kDiskNames[i]] = {{"path", config.disks[i]->path},
                             {"mode", kModeNames[static_cast<std::size_t>(config.disks[i]->mode)]}};
  if (!config.boot.empty()) json["boot"] = config.boot;
  if (!config.kernel.empty()) json["kernel"] = config.kernel;
  if (!config.initrds.empty()) json["initrd"] = config.initrds;
  if (!config.append.empty()) json["append"] = config.append;
  json["debug_exit"] = config.debug_exit;
  json["rtc"] = config.rtc;
  json["seed"] = config.seed;
  return json;
}

MachineConfig config_from_json(const Json& json) {
  try {
    MachineConfig config;
    json.at("memory").get_to(config.memory);
    json.at("cpu").get_to(config.cpu);
    json.at("ips").get_to(config.ips);
    config.bios = json.value("bios", "");
    config.vga_bios = json.value("vgabios", "");
    for (std::size_t i = 0; i < config.disks.size(); ++i)
      if (json.contains(kDiskNames[i])) config.disks[i] = disk_from_json(json.at(kDiskNames[i]));
    config.boot = json.value("boot", "");
    config.kernel = json.value("kernel", "");
    if (json.contains("initrd")) json.at("initrd").get_to(config.initrds);
    config.append = json.value("append", "");
    json.at("debug_exit").get_to(config.debug_exit);
    json.at("rtc").get_to(config.rtc);
    json.at("seed").get_to(config.seed);
    return config;
  } catch (const Json::exception&) {
    throw StateError("its machine's configuration is damaged");
  }
}

std::vector<Medium> media_of(const MachineConfig& given) {
  const MachineConfig config = normal_form(given);
  std::vector<Medium> media;
  media.push_back(rom_medium("bios", config.bios, system_bios_image()));
  media.push_back(rom_medium("vgabios", config.vga_bios, vga_bios_image()));
  for (std::size_t i = 0; i < config.disks.size(); ++i)
    if (config.disks[i]) media.push_back(file_medium(kDiskNames[i], config.disks[i]->path));
  if (!config.kernel.empty()) {
    media.push_back(rom_medium("kernel boot ROM", "", kernel_boot_rom_image()));
    media.push_back(file_medium("kernel", config.kernel));
  }
  for (std::size_t i = 0; i < config.initrds.size(); ++i)
    media.push_back(file_medium("initrd " + std::to_string(i + 1), config.initrds[i]));
  return media;
}

Json media_to_json(const std::vector<Medium>& media) {
  Json json = Json::array();
  for (const Medium& medium : media)
    json.push_back({{"role", medium.role}, {"path", medium.path}, {"size", medium.size}, {"xxh128", medium.hash}});
  return json;
}

std::vector<Medium> media_from_json(const Json& json) {
  try {
    std::vector<Medium> media;
    if (json.size() > kMaxMedia) throw StateError("it has too many media");
    for (const Json& entry : json)
      media.push_back({entry.at("role").get<std::string>(), entry.at("path").get<std::string>(),
                       entry.at("size").get<std::uint64_t>(), entry.at("xxh128").get<std::string>()});
    return media;
  } catch (const Json::exception&) {
    throw StateError("its list of media is damaged");
  }
}

void check_media(const std::vector<Medium>& expected, const MachineConfig& config, const std::string& name) {
  const std::vector<Medium> present = media_of(config);
  for (std::size_t i = 0; i < std::max(expected.size(), present.size()); ++i) {
    if (i >= expected.size() || i >= present.size() || expected[i].role != present[i].role)
      throw FileError(name + ": its media are not those of its machine");
    const Medium &then = expected[i], &now = present[i];
    if (then.size == now.size && then.hash == now.hash) continue;
    if (now.path.empty())
      throw FileError(name + ": was made by a Ringside with another built-in " + now.role);
    throw FileError(name + ": its medium " + then.role + " '" + now.path + "' is not what it was (" +
                    (then.size != now.size ? std::to_string(then.size) + " bytes then, " + std::to_string(now.size) + " now"
                                           : "hash " + then.hash + " then, " + now.hash + " now") + ")");
  }
}

void look_beside(MachineConfig& config, const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  const auto find = [&](std::string& medium) {
    std::error_code error;
    if (medium.empty() || std::filesystem::exists(medium, error)) return;
    const auto beside = folder / std::filesystem::path(medium).filename();
    if (std::filesystem::exists(beside, error)) medium = absolute(beside.string());
  };
  for (std::string* medium : {&config.bios, &config.vga_bios, &config.kernel}) find(*medium);
  for (std::string& medium : config.initrds) find(medium);
  for (auto& disk : config.disks)
    if (disk) find(disk->path);
}

}  // namespace ringside
