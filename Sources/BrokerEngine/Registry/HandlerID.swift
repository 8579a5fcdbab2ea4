// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Names a handler of a registry, for removing it.
public struct HandlerID: Sendable, Hashable {
    let number: Int
}
