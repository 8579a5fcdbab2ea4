// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Testing

/// What a provider must survive of servers: that stand still, move, refuse, go back, and whose keys somebody changes.
/// One after another, since they measure times and take the machine.
@Suite(.serialized, .timeLimit(.minutes(5))) struct AttacksOnServers {}
