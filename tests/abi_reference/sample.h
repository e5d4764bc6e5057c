/* The constants of the sample, for run.sh. */
#define KINECT2_VERSION_PATCH 0
#define KINECT2_OK 0
#define KINECT2_ERROR_IO -7
#define KINECT2_ALL UINT32_MAX
