// printf into a string. (The standard library that the oldest supported compilers come with has no std::format.)
#pragma once

#include <string>

namespace ringside {

__attribute__((format(printf, 1, 2))) std::string format(const char* pattern, ...);

}  // namespace ringside
