/* verify.h - compares received depth frames with recordings, bit for bit. */
#ifndef EXAMPLES_SUPPORT_VERIFY_H
#define EXAMPLES_SUPPORT_VERIFY_H

#include "recordings.h"
#include "streamkinect2.h"

/* True if the frame equals one of the depth recordings. Else stderr says which recording is the
 * nearest and where the first difference is. */
bool verify_depth(const struct recordings *recordings, const kinect2_frame_info_t *info,
                  const uint16_t *depth);

#endif
