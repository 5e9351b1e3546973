// zlib: inflate and CRC-32, for zip files.
#pragma once
#include <zlib.h>
