/* crc32.h - the CRC-32 of zlib, gzip and PNG (polynomial 0xEDB88320, reflected), a bit at a time: short, and fast enough for some
 * hundred frames. */
#ifndef PACKAGES_CRC32_H
#define PACKAGES_CRC32_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t crc32_of(const uint8_t *bytes, size_t size) {
  uint32_t crc = UINT32_MAX;
  for (size_t i = 0; i < size; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xEDB88320) : 0);
  }
  return ~crc;
}

#endif
