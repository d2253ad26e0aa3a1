"""Differential privacy is claimed, and the domain is looked up in the data."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class DomainFromData:
    """Differential privacy is claimed, and the domain is looked up in the data."""

    code = "MM303"
    severity = Severity.ERROR
    reason = (
        "Categories, bounds and bin edges that come from the data tell who is in it; they spend privacy, "
        "or void the claim."
    )
    sources = ("Annamalai 2024", "McKenna 2022")
    fix = "declare them from public knowledge, or find them under the budget"
    trips = "privacy: {claim: private, epsilon: 1.0, domain: data}"
    passes = "privacy: {claim: private, epsilon: 1.0, domain: public}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.privacy.epsilon is not None and plan.privacy.domain == "data":
            yield Found(("privacy", "domain"), "categories and bounds are taken from the data")
