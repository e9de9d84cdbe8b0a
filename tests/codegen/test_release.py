"""`make release`, on a repository made for it."""

import shutil
from pathlib import Path

import pytest

from tools import release


def git(folder: Path, *words: str) -> str:
    return release.run("git", *words, cwd=folder)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "0.1.0"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n- All.\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "user.name", "x")
    git(tmp_path, "config", "user.email", "x@example.com")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "x")
    return tmp_path


def test_a_release_is_committed_and_tagged(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "build", lambda root, version: None)
    assert release.release(project, "", "2030-01-02") == "0.1.0"
    assert git(project, "status", "--porcelain") == ""
    assert git(project, "tag", "--points-at", "HEAD") == "v0.1.0"
    text = (project / "CHANGELOG.md").read_text()
    assert text == "# Changelog\n\n## Unreleased\n\n## 0.1.0 - 2030-01-02\n\n- All.\n"


def test_a_release_that_fails_leaves_the_tree_as_it_was(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(root: Path, version: str) -> None:
        assert f'version = "{version}"' in (root / "pyproject.toml").read_text()
        raise release.CannotRelease("no wheel")

    monkeypatch.setattr(release, "build", broken)
    with pytest.raises(release.CannotRelease, match="no wheel"):
        release.release(project, "0.2.0", "2030-01-02")
    assert git(project, "status", "--porcelain") == ""
    assert git(project, "tag") == ""


@pytest.mark.parametrize(
    ("asked", "reason"), [("1.x", "not a version"), ("0.0.9", "too low; at least 0.1.0")]
)
def test_a_version_that_cannot_follow_is_refused(project: Path, asked: str, reason: str) -> None:
    with pytest.raises(release.CannotRelease, match=reason):
        release.choose(project, asked)


def test_a_tree_with_changes_is_refused(project: Path) -> None:
    (project / "stray").write_text("x")
    with pytest.raises(release.CannotRelease, match="not committed"):
        release.release(project, "", "2030-01-02")


def test_an_empty_changelog_is_refused(project: Path) -> None:
    (project / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n")
    with pytest.raises(release.CannotRelease, match="nothing stands under Unreleased"):
        release.prepare(project, "0.1.0", "2030-01-02")


def test_after_a_release_the_least_version_follows_from_what_differs(project: Path) -> None:
    shutil.copytree(Path(__file__).parent / "toy/spec", project / "spec")
    git(project, "add", ".")
    git(project, "commit", "-qm", "x")
    git(project, "tag", "v0.1.0")
    with pytest.raises(release.CannotRelease, match="nothing in the API differs"):
        release.choose(project, "")
    with pytest.raises(release.CannotRelease, match="v0.1.0 is released already"):
        release.choose(project, "0.1.0")
    path = project / "spec/shop.yaml"
    path.write_text(path.read_text("utf-8").replace("  close:", "  shut:"), "utf-8")
    with pytest.raises(release.CannotRelease, match=r"does not name what breaks: shop\.close"):
        release.choose(project, "")
    (project / "CHANGELOG.md").write_text("## Unreleased\n\n- `shop.close` is `shop.shut`.\n")
    assert release.choose(project, "") == "0.2.0"
    assert release.choose(project, "1.0.0") == "1.0.0"
    with pytest.raises(release.CannotRelease, match="at least 0.2.0"):
        release.choose(project, "0.1.1")
