// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension ConfigurationCheck {
    /// Checks where the dead letters of a stream go, and the settings of a stream that holds those of others.
    mutating func checkDeadLetters(of stream: StreamConfiguration) {
        let origins = origins.origins(of: stream.selection)
        if let origins { checkHolder(stream, of: origins) }
        for layers in ConsumerLayer.all(of: stream, in: configuration) {
            guard let place = layers.path(of: ["dead-letter", "stream"], where: { $0.deadLetterStream != nil }),
                let destination = layers.settings.deadLetter.stream
            else { continue }
            // The defaults are for streams that have dead letters.
            if origins != nil, place.components.first == "defaults" { continue }
            checkDestination(destination, at: place, layers, of: stream)
        }
    }

    private mutating func checkDestination(
        _ destination: StreamName, at place: ConfigurationPath, _ layers: [ConsumerLayer],
        of stream: StreamConfiguration
    ) {
        refuse("stream", destination.text, NameRules.problem(ofStream: destination.text), at: place)
        let isDisabledHere = layers.contains { layer in
            layer.options.deadLetterStream != nil && layer.options.deadLetterEnabled == false
        }
        if isDisabledHere { report("'\(place)' names a stream while 'dead-letter.enabled' is false", at: place) }
        guard layers.settings.deadLetter.isEnabled, stream.selection.matches(destination) else { return }
        let name = stream.selection.text.quoted
        report("the dead letters of \(name) go to \(configuration.shown(destination.text)), back into it", at: place)
    }

    /// Checks a stream that holds dead letters: that it is where they are stored, and that each setting has an effect.
    private mutating func checkHolder(_ stream: StreamConfiguration, of origins: [StreamConfiguration]) {
        let path: ConfigurationPath = ["streams", stream.selection.text]
        let own = broker(of: stream)?.name
        let elsewhere = origins.lazy.compactMap { [self] origin in broker(of: origin).map { (origin, $0.name) } }
            .first { $0.1 != own }
        if let (origin, name) = elsewhere, let own {
            report(
                "\(path) is on the broker \(own.text.quoted), but the dead letters of "
                    + "\(origin.selection.text.quoted) are stored on \(name.text.quoted); "
                    + "write \("broker: \(name.text)".quoted)",
                at: path.appending("broker"), else: stream.position)
        }
        checkEffect(of: stream.options, at: path)
        for group in stream.groups { checkEffect(of: group.options, at: path.appending(["groups", group.name.text])) }
    }

    private mutating func checkEffect(of options: ConsumerOptions, at path: ConfigurationPath) {
        let isSet = [
            options.retry.attempts != nil, options.deadLetterStream != nil || options.deadLetterEnabled != nil,
        ]
        for (keys, isSet) in zip(DeadLetterOrigins.idleKeys, isSet) where isSet {
            report(
                "'\(keys.joined(separator: "."))' has no effect in \(path), which holds dead letters: what fails there is "
                    + "tried until it succeeds; leave it out",
                at: path.appending(keys))
        }
    }

    /// Returns the problem of a declared name that ends as those of dead letters do, when no stream has these.
    func problem(ofHolder name: StreamName) -> String? {
        guard name.isNamedForDeadLetters, origins.origins(of: .stream(name)) == nil else { return nil }
        let suggestion = Suggestion.phrase(for: name.text, among: origins.defaultNames)
        let advice = suggestion.isEmpty ? "; declare that stream too, or choose another name" : suggestion
        return "ends in '\(StreamName.deadLetterEnding)', as the dead letters of a declared stream do, "
            + "and no declared stream has these\(advice)"
    }
}

/// Which streams hold dead letters, and of which streams they come.
struct DeadLetterOrigins {
    /// The settings that have no effect in a stream that holds dead letters.
    static let idleKeys = [["retry", "attempts"], ["dead-letter"]]

    private var named: [StreamName: [StreamConfiguration]] = [:]
    private var standard: [StreamName: StreamConfiguration] = [:]
    private var patterns: [StreamConfiguration] = []

    init(_ configuration: BrokersConfiguration) {
        for stream in configuration.streams {
            if case .stream(let name) = stream.selection {
                if !name.isNamedForDeadLetters { standard[name.deadLetters] = stream }
            } else {
                patterns.append(stream)
            }
            let policies = ConsumerLayer.all(of: stream, in: configuration).map(\.settings.deadLetter)
            let destinations = Set(policies.compactMap { $0.isEnabled ? $0.stream : nil })
            for destination in destinations where !stream.selection.matches(destination) {
                named[destination, default: []].append(stream)
            }
        }
    }

    /// The default names of the streams that hold the dead letters of declared ones.
    var defaultNames: [String] { standard.keys.map(\.text).sorted() }

    /// Returns the streams whose dead letters a stream holds; `nil` when it holds none.
    ///
    /// A pattern holds dead letters when its name ends as theirs do. Of which streams they are is not known then.
    func origins(of selection: StreamSelection) -> [StreamConfiguration]? {
        guard case .stream(let stream) = selection else {
            return selection.text.hasSuffix(StreamName.deadLetterEnding) ? [] : nil
        }
        if let streams = named[stream] { return streams }
        if let origin = standard[stream] { return [origin] }
        guard
            let origin = patterns.first(where: { pattern in
                stream.deadLetterOrigins.contains(where: pattern.selection.matches)
            })
        else { return nil }
        return [origin]
    }
}
