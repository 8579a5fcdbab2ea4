// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The kinds of outcomes, without what they carry.
enum OutcomeKind: String {
    case done, renewed, lost, settled, missing, refused
}

extension SettlementOutcome {
    var kind: OutcomeKind {
        switch self {
        case .done: .done
        case .renewed: .renewed
        case .lost: .lost
        case .settled: .settled
        case .missing: .missing
        case .refused: .refused
        }
    }
}
