// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What the pages take for granted.
struct OrderPlaced: Codable, Sendable {
    var number: Int
    var total: Int
}

func charge(_ order: OrderPlaced) async throws {}
