// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

#ifndef STREAMBROKER_CLIBYAML_SHIM_H
#define STREAMBROKER_CLIBYAML_SHIM_H

#if !__has_include(<yaml.h>)
#error "StreamBroker needs libyaml: run 'apt-get install libyaml-dev' (Debian, Ubuntu) or 'brew install libyaml' (macOS)"
#endif

#include <yaml.h>

#endif
