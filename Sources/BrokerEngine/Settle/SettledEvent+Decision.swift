// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

extension SettledEvent.Kind {
    init(_ decision: Decision) {
        self =
            switch decision.action {
            case .ack: decision.isDiscard ? .discard : decision.isForwarded ? .forward : .ack
            case .retry, .renew: .retry
            case .release: .release
            case .deadLetter: .deadLetter
            case .forward: .forward
            }
    }
}

extension SettledEvent.Outcome {
    init(_ outcome: SettlementOutcome) {
        self =
            switch outcome {
            case .done, .renewed: .done
            case .settled: .settled
            case .lost: .lost
            case .missing: .missing
            case .refused: .refused
            }
    }
}
