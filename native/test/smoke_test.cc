#include <gtest/gtest.h>
#include "elanus.h"
TEST(Smoke, Ok) { EXPECT_EQ(1u, elanus_abi_version()); }
