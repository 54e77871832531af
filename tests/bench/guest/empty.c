// Nothing: what an emulator needs to start, to boot and to stop.
#include "bench.h"

uint32_t bench(uint32_t iterations) { return iterations; }
