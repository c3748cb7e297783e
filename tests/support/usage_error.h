// EXPECT_USAGE_ERROR(statement, matcher): it throws UsageError and the text matches. The type is the contract; of the text tests ask only
// for what a person needs: the file and the thing that is wrong.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/error.h"

#define EXPECT_USAGE_ERROR(statement, ...)         \
  try {                                            \
    statement;                                     \
    ADD_FAILURE() << "no error from: " #statement; \
  } catch (const ::wan::UsageError& error) {       \
    EXPECT_THAT(error.what(), __VA_ARGS__);        \
  }                                                \
  static_assert(true)
