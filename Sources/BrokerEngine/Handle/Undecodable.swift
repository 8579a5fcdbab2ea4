// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Thrown where a body cannot be decoded: the message becomes a dead letter at once, its bytes kept.
struct Undecodable: Error {
    let reason: String
}
