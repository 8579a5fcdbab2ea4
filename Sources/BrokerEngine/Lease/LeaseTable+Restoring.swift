// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Leases that are gone although nobody here has settled them: somebody may have taken them away.
extension LeaseTable {
    /// The leases to compare with those of the provider; none while there is no doubt.
    ///
    /// Call it while no settlement is under way: a lease that is being settled may be gone rightly. So may that of a
    /// decision that was sent and whose reply was lost.
    package mutating func takeDoubts(now: Instant) -> [(slot: Slot, receipt: Receipt)] {
        guard hasDoubts else { return [] }
        hasDoubts = false
        return leases.indices.filter { position in
            inUse[position] && now < leases[position].expires && !leases[position].mayBeSettled
                && (leases[position].status == .held || leases[position].status == .deciding)
        }.map { (slot(at: $0), leases[$0].receipt) }
    }

    /// Keeps the doubt, since the provider could not be asked.
    package mutating func keepDoubts() {
        hasDoubts = true
    }

    /// Applies what became of the leases that the provider was asked at `asked` to take again.
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
            if leases[position].status == .held { end(position, with: outcome, &result) }
        }
        return result
    }

    /// A message about which nothing is decided ends with its lease; one that cannot be asked about goes on.
    private mutating func end(_ position: Int, with outcome: SettlementOutcome, _ result: inout Extended) {
        let place = (slot: slot(at: position), lease: leases[position])
        switch outcome {
        case .lost:
            leases[position].status = .lost
            look(by: .distantPast)
            result.lost.append(place)
        case .missing:
            leases[position].status = .missing
            result.missing.append(place)
        case .settled:
            leases[position].status = .settled
            result.settled.append(place.slot)
        case .done, .renewed, .deadLettered, .refused: break
        }
        endWaiting(position)
    }
}
