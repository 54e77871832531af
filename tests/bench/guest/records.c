// What system programs of the eighties were measured by: records reached through pointers, small procedures,
// string comparisons, array elements and a few multiplications and divisions.
#include "bench.h"

enum Colour { kRed, kGreen, kBlue };

struct Record {
  struct Record* next;
  enum Colour colour;
  int32_t number;
  char name[32];
};

static struct Record records[8];
static int32_t numbers[64];
static int32_t table[16][16];
static int32_t total;

#define PROCEDURE static __attribute__((noinline))

PROCEDURE int compare(const char* a, const char* b) {
  while (*a && *a == *b) ++a, ++b;
  return *a - *b;
}

PROCEDURE void copy_name(char* to, const char* from) {
  while ((*to++ = *from++)) {
  }
}

PROCEDURE enum Colour following(enum Colour colour) {
  switch (colour) {
    case kRed:
      return kGreen;
    case kGreen:
      return total > 100 ? kBlue : kRed;
    case kBlue:
      return kRed;
  }
  return kRed;
}

PROCEDURE void advance(struct Record* record, int32_t by) {
  struct Record* const next = record->next;
  *next = *record;
  next->next = record == &records[7] ? &records[1] : record + 2 > &records[7] ? &records[0] : record + 2;
  next->number = record->number + by;
  if (next->colour == kRed) {
    next->colour = following(next->colour);
    next->name[3] = (char)('a' + (by & 15));
  } else {
    record->colour = following(record->colour);
  }
}

PROCEDURE int32_t mix(int32_t a, int32_t b, int32_t* out) {
  const int32_t product = a * b;
  *out = (product + 7) / (b | 1);
  return product - *out * 3;
}

PROCEDURE void fill(int32_t row, int32_t value) {
  numbers[row] = value;
  numbers[row + 1] = numbers[row];
  numbers[row + 30] = row;
  for (int32_t column = row & 7; column <= (row & 7) + 1; ++column) table[row & 15][column] = row;
  table[row & 15][(row & 7) + 8] += 1;
  total += table[row & 15][row & 7] & 5;
}

uint32_t bench(uint32_t iterations) {
  for (int i = 0; i < 8; ++i) {
    records[i].next = &records[(i + 1) & 7];
    records[i].colour = kGreen;
    records[i].number = i;
    copy_name(records[i].name, "RECORDS AND PROCEDURES, NO. 1");
  }
  char other[32];
  int32_t result = 0;
  struct Record* at = records;
  for (uint32_t i = 0; i < iterations; ++i) {
    int32_t quotient;
    copy_name(other, "RECORDS AND PROCEDURES, NO. 2");
    if (compare(at->name, other) < 0) result += 1;
    result += mix((int32_t)(i & 0xFF), at->number & 0xFF, &quotient);
    fill((int32_t)(i & 31), quotient);
    for (char letter = 'A'; letter <= 'C'; ++letter)
      if (other[letter - 'A'] == letter) result += following((enum Colour)(letter - 'A'));
    advance(at, quotient);
    at = at->next;
    if (at->next == at) at->next = records;
    result ^= at->number;
  }
  return (uint32_t)(result + total + numbers[17]);
}
