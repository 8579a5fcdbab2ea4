// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

#ifndef STREAMBROKER_CHIREDIS_SHIM_H
#define STREAMBROKER_CHIREDIS_SHIM_H

#if !__has_include(<hiredis/hiredis.h>)
#error "StreamBroker needs hiredis: run 'apt-get install libhiredis-dev' (Debian, Ubuntu) or 'brew install hiredis' (macOS)"
#endif

#include <hiredis/hiredis.h>
#include <hiredis/read.h>

#endif
