// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Leases that are gone although nobody here has settled them: somebody may have taken them away.
extension LeaseTable {
    /// Everything that is to be held against the provider's leases; nothing while there is no doubt.
    ///
    /// To be asked while no settlement is under way: of what is being settled nobody can tell. Neither can anybody of a
    /// decision that was sent and whose reply was lost.
    package mutating func takeDoubts(now: Instant) -> [(slot: Slot, receipt: Receipt)] {
        guard hasDoubts else { return [] }
        hasDoubts = false
        return leases.indices.filter { position in
            inUse[position] && now < leases[position].expires && !leases[position].mayBeSettled
                && (leases[position].standing == .held || leases[position].standing == .deciding)
        }.map { (slot(at: $0), leases[$0].receipt) }
    }

    /// The provider could not be asked.
    package mutating func keepDoubts() {
        hasDoubts = true
    }

    /// Applies what the provider answered at `asked` about what it was asked to take again.
    package mutating func restored(
        _ doubted: [(slot: Slot, receipt: Receipt)], _ outcomes: [SettlementOutcome], asked: Instant
    ) -> Extended {
        var result = Extended()
        for (index, request) in doubted.enumerated() {
            let outcome = index < outcomes.count ? outcomes[index] : .settled
            guard let position = position(of: request.slot), leases[position].receipt == request.receipt else {
                continue
            }
            if case .renewed(let receipt) = outcome {
                leases[position].receipt = receipt
                leases[position].expires = max(leases[position].expires, asked + visibility)
                leases[position].wasDoubted = false
                leases[position].mayBeSettled = false
                continue
            }
            if case .done = outcome { continue }
            leases[position].wasDoubted = true
            if leases[position].standing == .held { end(position, with: outcome, &result) }
        }
        return result
    }

    /// A message about which nothing is decided ends with its lease; one that cannot be asked about goes on.
    private mutating func end(_ position: Int, with outcome: SettlementOutcome, _ result: inout Extended) {
        let place = (slot: slot(at: position), lease: leases[position])
        switch outcome {
        case .lost:
            leases[position].standing = .lost
            look(by: .distantPast)
            result.lost.append(place)
        case .missing:
            leases[position].standing = .missing
            result.missing.append(place)
        case .settled:
            leases[position].standing = .settled
            result.settled.append(place.slot)
        case .done, .renewed, .refused: break
        }
        endWaiting(position)
    }
}
