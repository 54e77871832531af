// Compression: LZ77 with a hash of three bytes over 64 KiB of made-up text, expanded again and compared.
#include "bench.h"

enum { kSize = 65536, kHashBits = 12, kShortest = 3, kLongest = 66 };

static uint32_t hash_of(const uint8_t* at) {
  return ((uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2]) * 2654435761u >> (32 - kHashBits);
}

static uint32_t match_length(const uint8_t* a, const uint8_t* b, uint32_t limit) {
  uint32_t length = 0;
  while (length < limit && a[length] == b[length]) ++length;
  return length;
}

// A token is a byte below 128 and that many literals less one, or a length and a 16-bit distance.
static uint32_t compress(const uint8_t* in, uint8_t* out) {
  static uint32_t heads[1 << kHashBits];
  for (uint32_t i = 0; i < 1 << kHashBits; ++i) heads[i] = 0;
  uint8_t* const begin = out;
  uint32_t literals = 0;
  for (uint32_t at = 0; at < kSize;) {
    uint32_t length = 0, before = 0;
    if (at + kShortest <= kSize) {
      uint32_t* const head = &heads[hash_of(in + at)];
      before = *head;
      *head = at + 1;
      const uint32_t room = kSize - at;
      if (before) length = match_length(in + before - 1, in + at, room < kLongest ? room : kLongest);
    }
    if (length < kShortest) {
      if (literals == 0) *out++ = 0;
      *out++ = in[at++];
      out[-(int32_t)literals - 2] = (uint8_t)literals;
      literals = literals == 127 ? 0 : literals + 1;
      continue;
    }
    const uint32_t distance = at + 1 - before;
    *out++ = (uint8_t)(128 + length - kShortest);
    *out++ = (uint8_t)distance;
    *out++ = (uint8_t)(distance >> 8);
    at += length;
    literals = 0;
  }
  return (uint32_t)(out - begin);
}

static uint32_t expand(const uint8_t* in, uint32_t size, uint8_t* out) {
  uint8_t* const begin = out;
  for (const uint8_t* const end = in + size; in < end;) {
    const uint32_t token = *in++;
    if (token < 128) {
      for (uint32_t i = 0; i <= token; ++i) *out++ = *in++;
    } else {
      const uint32_t length = token - 128 + kShortest;
      const uint8_t* from = out - (in[0] | (uint32_t)in[1] << 8);
      in += 2;
      for (uint32_t i = 0; i < length; ++i) *out++ = *from++;
    }
  }
  return (uint32_t)(out - begin);
}

static void write_text(uint8_t* text) {
  static const char* const kWords[16] = {"page ", "table ", "the ",     "of ",  "interrupt ", "a ",
                                         "gate ", "is ",    "segment ", "and ", "privilege ", "to ",
                                         "in ",   "fault ", "stack ",   "task "};
  uint32_t random = 88172645u;
  for (uint32_t at = 0; at < kSize;) {
    const uint32_t value = next_random(&random);
    for (const char* from = kWords[value & 15]; *from && at < kSize;) text[at++] = (uint8_t)*from++;
    if ((value >> 8 & 31) == 0 && at < kSize) text[at++] = (uint8_t)(value >> 16);
  }
}

uint32_t bench(uint32_t iterations) {
  uint8_t* const text = ARENA;
  uint8_t* const packed = ARENA + 0x20000;
  uint8_t* const unpacked = ARENA + 0x60000;
  write_text(text);
  uint32_t check = 0;
  while (iterations--) {
    text[iterations % kSize] ^= 1;
    const uint32_t size = compress(text, packed);
    const uint32_t length = expand(packed, size, unpacked);
    check = check * 31 + size + match_length(text, unpacked, length);
  }
  return check;
}
