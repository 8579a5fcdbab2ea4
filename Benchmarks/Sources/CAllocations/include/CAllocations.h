// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

#ifndef C_ALLOCATIONS_H
#define C_ALLOCATIONS_H

#include <stdbool.h>
#include <stdint.h>

/// Whether allocations can be counted on this system: with glibc only.
bool allocations_are_counted(void);

/// Begins to count the allocations of the whole process at zero.
void allocations_start(void);

/// Stops counting; answers how many there were since the start.
int64_t allocations_stop(void);

#endif
