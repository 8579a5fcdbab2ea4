// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension ConfigurationCheck {
    /// Checks the names of brokers, streams and groups.
    mutating func checkNames() {
        checkBrokerNames()
        checkStreamNames()
        for stream in configuration.streams {
            let path: ConfigurationPath = ["streams", stream.selection.text, "groups"]
            var seen: Set<GroupName> = []
            for group in stream.groups {
                let place = path.appending(group.name.text)
                refuse("group", group.name.text, NameRules.problem(ofGroup: group.name.text), at: place)
                if !seen.insert(group.name).inserted { report("\(place) is declared twice", at: place) }
            }
        }
    }

    private mutating func checkBrokerNames() {
        if configuration.brokers.isEmpty, !doubtful.contains(["brokers"]) {
            report("no brokers are declared", at: ["brokers"])
        }
        var seen: [String: String] = [:]
        for broker in configuration.brokers {
            let name = broker.name.text
            let place: ConfigurationPath = ["brokers", name]
            refuse("broker", name, NameRules.problem(ofBroker: name), at: place)
            if let other = seen.updateValue(name, forKey: name.lowercased()) {
                let twice = "\(place) is declared twice"
                let alike = "the brokers \(other.quoted) and \(name.quoted) differ only in case"
                report(other == name ? twice : alike, at: place)
            }
        }
    }

    private mutating func checkStreamNames() {
        var seen: [String: String] = [:]
        for stream in configuration.streams {
            let name = stream.selection.text
            let place: ConfigurationPath = ["streams", name]
            var key = name
            switch stream.selection {
            case .pattern: refuse("pattern", name, NameRules.problem(ofPattern: name), at: place)
            case .stream(let stream):
                let problem = NameRules.problem(ofStream: name) ?? problem(ofHolder: stream)
                refuse("stream", name, problem, at: place)
                key = stream.tagged
            }
            if let other = seen.updateValue(name, forKey: key) {
                let twice = "\(place) is declared twice"
                let alike =
                    "the streams \(other.quoted) and \(name.quoted) give one key, \("\(key):<group>:due".quoted)"
                report(other == name ? twice : alike, at: place)
            }
        }
    }

    /// Reports the problem of a name, if there is one, unless what is below the name is no map: it may be no name.
    mutating func refuse(_ kind: String, _ name: String, _ problem: String?, at path: ConfigurationPath) {
        if let problem, !doubtful.contains(path) {
            report("the \(kind) name \(configuration.shown(name)) \(problem)", at: path)
        }
    }
}

extension ConfigurationCheck {
    /// Checks that every broker that is named is declared.
    mutating func checkReferences() {
        if let name = configuration.defaultBroker {
            checkBroker(name, at: ["default"])
        } else if configuration.brokers.count > 1, !doubtful.contains(["default"]) {
            let names = Suggestion.list(configuration.brokers.map(\.name.text))
            report("'default' is missing: with several brokers it names one of \(names)", at: ["brokers"])
        }
        for stream in configuration.streams {
            let path: ConfigurationPath = ["streams", stream.selection.text]
            if let name = stream.broker { checkBroker(name, at: path.appending("broker")) }
            guard let also = stream.also else { continue }
            checkBroker(also, at: path.appending("also"))
            if let own = broker(of: stream)?.name, own == also {
                report(
                    "'also' in \(path) names \(configuration.shown(also.text)), which carries it already",
                    at: path.appending("also"))
            }
        }
    }

    private mutating func checkBroker(_ name: BrokerName, at path: ConfigurationPath) {
        if brokers.isEmpty || brokers[name] != nil { return }
        let names = configuration.brokers.map(\.name.text)
        let suggestion = Suggestion.phrase(for: name.text, among: names)
        let declared =
            suggestion.isEmpty ? "; declared are \(Suggestion.list(names))" : suggestion
        report(
            "'\(path)' names the broker \(configuration.shown(name.text)), which is not declared\(declared)", at: path)
    }
}
