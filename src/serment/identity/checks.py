"""What `serment verify` asks of identity: each row that the ledger vouches for, its place there, and whether it is sound."""

from collections.abc import Iterator

from serment import ledger, vault
from serment.identity.access_keys.anchors import key_digest, key_place
from serment.identity.access_keys.store import KeyRow, keys_of
from serment.identity.directory.anchors import account_digest, account_place
from serment.identity.directory.store import SealedAccount, load_all_accounts
from serment.identity.factors.anchors import factor_digest, factor_place
from serment.identity.factors.store import PasskeyRow, TotpRow, passkeys_of, totp_of
from serment.identity.federation.anchors import link_digest, link_place
from serment.identity.federation.store import LinkRow, links_of
from serment.identity.sealing import KEY_PARTICULARS, LABEL, LOGIN, NAME, SEED, SUBJECT, holds
from serment.identity.teams.memberships import membership_digest, membership_place
from serment.identity.teams.store import load_all_memberships
from serment.kernel import OrganisationId, UnitOfWork


def check_rows(uow: UnitOfWork) -> Iterator[ledger.CheckedRow]:
    """Authenticate what is sealed of every account, factor, link and key, and give nothing back; then memberships."""
    keyring = uow.part(vault.Keyring)
    for account in load_all_accounts(uow):
        yield _checked_account(keyring, account)
        factors: list[TotpRow | PasskeyRow] = [*totp_of(uow, account.id), *passkeys_of(uow, account.id)]
        for factor in factors:
            yield _checked_factor(keyring, account.organisation, factor)
        for link in links_of(uow, account.id):
            yield _checked_link(keyring, account.organisation, link)
        for key in keys_of(uow, account.id):
            yield _checked_key(keyring, account.organisation, key)
    for membership in load_all_memberships(uow):
        yield ledger.CheckedRow(membership_place(membership), membership_digest(membership), sound=True)


def _checked_account(keyring: vault.Keyring, row: SealedAccount) -> ledger.CheckedRow:
    seals = [(LOGIN, row.login_sealed), (NAME, row.name_sealed)]
    sound = all(holds(keyring, row.organisation, kind, row.id, sealed) for kind, sealed in seals)
    return ledger.CheckedRow(account_place(row.id), account_digest(row), sound)


def _checked_link(keyring: vault.Keyring, organisation: OrganisationId, row: LinkRow) -> ledger.CheckedRow:
    sound = holds(keyring, organisation, SUBJECT, row.id, row.subject_sealed)
    return ledger.CheckedRow(link_place(row.id), link_digest(row), sound)


def _checked_factor(
    keyring: vault.Keyring, organisation: OrganisationId, row: TotpRow | PasskeyRow
) -> ledger.CheckedRow:
    seals = [(LABEL, row.label_sealed)]
    if isinstance(row, TotpRow):
        seals.append((SEED, row.seed_sealed))
    sound = all(holds(keyring, organisation, kind, row.id, sealed) for kind, sealed in seals)
    return ledger.CheckedRow(factor_place(row.id), factor_digest(row), sound)


def _checked_key(keyring: vault.Keyring, organisation: OrganisationId, row: KeyRow) -> ledger.CheckedRow:
    sound = holds(keyring, organisation, KEY_PARTICULARS, row.id, row.particulars_sealed)
    return ledger.CheckedRow(key_place(row.id), key_digest(row), sound)
