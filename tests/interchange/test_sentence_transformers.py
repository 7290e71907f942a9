"""Folders of sentence-transformers and transformers: each setting is followed, or refused by its name; weights are those
that are described.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertModel

from interlingua import cli, load
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError, ModelFormatError, UnknownName
from interlingua.tokenization import Tokenizer
from tests.conftest import TEXTS

KINDS = {"": "Transformer", "1_Pooling": "Pooling", "2_Dense": "Dense", "3_Normalize": "Normalize"}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, tokenizer: Tokenizer) -> Path:
    """A random BERT with a Dense layer."""
    folder = tmp_path_factory.mktemp("models") / "peer"
    torch.manual_seed(2)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    config = BertConfig(vocab_size=tokenizer.vocabulary_size, max_position_embeddings=80, **sizes)
    BertModel(config).save_pretrained(folder)
    tokenizer.save(folder / "tokenizer.json")
    write(
        folder / "modules.json",
        [{"path": path, "type": f"sentence_transformers.models.{kind}"} for path, kind in KINDS.items()],
    )
    write(folder / "sentence_bert_config.json", {"max_seq_length": 64, "do_lower_case": False})
    write(folder / "tokenizer_config.json", {"model_max_length": int(1e30)})
    write(folder / "config_sentence_transformers.json", {"prompts": {"query": "query: "}, "default_prompt_name": None})
    write(folder / "1_Pooling/config.json", {"word_embedding_dimension": 16, "pooling_mode_mean_tokens": True})
    identity = "torch.nn.modules.linear.Identity"
    write(folder / "2_Dense/config.json", {"in_features": 16, "out_features": 8, "activation_function": identity})
    save_file(
        {"linear.weight": torch.randn(8, 16), "linear.bias": torch.randn(8)}, folder / "2_Dense/model.safetensors"
    )
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sound, tmp_path / "model")


@pytest.fixture
def plain(folder: Path) -> Path:
    for file in ("modules.json", "1_Pooling/config.json"):
        (folder / file).unlink()
    (folder / "1_Pooling").rmdir()
    return folder


def write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content), encoding="utf-8")


def more(file: str, **settings: Any) -> Callable[[Path], None]:
    return lambda folder: write(folder / file, json.loads((folder / file).read_text(encoding="utf-8")) | settings)


def weights(change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]], file: str = "model.safetensors"):
    return lambda folder: save_file(
        {name: tensor.contiguous() for name, tensor in change(load_file(folder / file)).items()}, folder / file
    )


def without(layer: int) -> Callable[[Path], None]:
    return weights(lambda all: {name: tensor for name, tensor in all.items() if f"layer.{layer}." not in name})


def bert(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        rules = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
        change(rules)
        write(folder / "tokenizer.json", rules)

    return do


def modules(*kinds: str) -> Callable[[Path], None]:
    paths = {kind: path for path, kind in KINDS.items()}
    return lambda folder: write(
        folder / "modules.json",
        [{"path": paths[kind], "type": f"sentence_transformers.models.{kind}"} for kind in kinds],
    )


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "another task": (more("sentence_bert_config.json", transformer_task="fill-mask"), "transformer_task"),
    "another output": (more("sentence_bert_config.json", module_output_name="scores"), "module_output_name"),
    "processing": (more("sentence_bert_config.json", processing_kwargs={"text": {"padding": True}}), "processing_kwargs"),
    "a length in words": (more("sentence_bert_config.json", max_seq_length="64"), "max_seq_length"),
    "a length of nothing": (more("sentence_bert_config.json", max_seq_length=0), "max_seq_length"),
    "an unknown setting": (more("sentence_bert_config.json", whitening=True), "whitening"),
    "two poolings": (more("1_Pooling/config.json", pooling_mode_cls_token=True), "one pooling"),
    "an unknown pooling": (more("1_Pooling/config.json", pooling_mode_weightedmean_tokens=True), "one pooling"),
    "no pooling": (more("1_Pooling/config.json", pooling_mode_mean_tokens=False), "one pooling"),
    "an unknown setting of pooling": (more("1_Pooling/config.json", temperature=2), "temperature"),
    "another width": (more("1_Pooling/config.json", word_embedding_dimension=17), "17 dimensions"),
    "an activation": (more("2_Dense/config.json", activation_function="torch.nn.Tanh"), "Tanh is not supported"),
    "a residual": (more("2_Dense/config.json", use_residual=True), "residual"),
    "another input": (more("2_Dense/config.json", module_input_name="token_embeddings"), "module_input_name"),
    "a layer of another width": (more("2_Dense/config.json", in_features=15), "does not fit"),
    "a huge layer": (more("2_Dense/config.json", out_features=10**9), "does not fit"),
    "no weights of the layer": (lambda folder: (folder / "2_Dense/model.safetensors").unlink(), "no weights"),
    "a layer of nan": (weights(lambda all: {n: t * torch.nan for n, t in all.items()}, "2_Dense/model.safetensors"), "finite"),
    "a prompt of no name": (more("config_sentence_transformers.json", default_prompt_name="passage"), "no prompt 'passage'"),
    "cut vectors": (more("config_sentence_transformers.json", truncate_dim=4), "truncate_dim"),
    "another kind of model": (more("config_sentence_transformers.json", model_type="SparseEncoder"), "model_type"),
    "cut at the beginning": (more("tokenizer_config.json", truncation_side="left"), "truncation_side"),
    "a pooling that skips the prompt": (
        lambda folder: [
            more("config_sentence_transformers.json", default_prompt_name="query")(folder),
            more("1_Pooling/config.json", include_prompt=False)(folder),
        ],
        "include_prompt",
    ),
    "a layer too few": (without(1), r"lack encoder.layer.1"),
    "a layer too many": (more("config.json", num_hidden_layers=1), r"have encoder.layer.1.* no place"),
    "no name that matches": (weights(lambda all: {f"other.{n}": t for n, t in all.items()}), "the weights lack"),
    "another shape": (more("config.json", intermediate_size=31), "weights cannot be read|weights lack"),
    "nan": (weights(lambda all: {n: torch.full_like(t, torch.nan) for n, t in all.items()}), "not finite"),
    "a billion layers": (more("config.json", num_hidden_layers=10**9), "num_hidden_layers is 1,000,000,000"),
    "a billion dimensions": (more("config.json", hidden_size=10**9), "hidden_size is 1,000,000,000"),
    "another tokenizer": (bert(lambda rules: rules["model"]["vocab"].extend([f"▁{k}", 0.0] for k in range(99))), "ids up to"),
    "an adapter": (lambda folder: write(folder / "adapter_config.json", {}), "an adapter of another model"),
    "a module elsewhere": (lambda folder: write(folder / "modules.json", [{"path": "../x", "type": "sentence_transformers.models.Transformer"}]), "leads out"),
    "a class that is none of theirs": (lambda folder: write(folder / "modules.json", [{"path": "", "type": "evil.Transformer"}]), "module evil.Transformer"),
    "a class that ends alike": (more("2_Dense/config.json", activation_function="some.NotIdentity"), "NotIdentity is not"),
    "modules in another order": (modules("Transformer", "Normalize", "Pooling"), "in this order"),
    "a layer before pooling": (modules("Transformer", "Dense", "Pooling"), "in this order"),
    "no module that pools": (modules("Transformer", "Normalize"), "in this order"),
    "two modules that pool": (modules("Transformer", "Pooling", "Pooling"), "in this order"),
    "a nameless prompt": (more("config_sentence_transformers.json", default_prompt_name="none"), "no prompt 'none'"),
    "special tokens cut in pieces": (more("tokenizer_config.json", split_special_tokens=True), "split_special_tokens"),
    "a token that is added": (more("tokenizer_config.json", added_tokens_decoder={"5": {"content": "<x>"}}), "adds .*'<x>'"),
    "a special token that is added": (more("tokenizer_config.json", extra_special_tokens={"image": "<x>"}), "adds .*'<x>'"),
    "one more": (more("tokenizer_config.json", additional_special_tokens=["<s>", {"content": "<x>"}]), "adds .*'<x>'"),
    "a token in a file": (lambda folder: write(folder / "added_tokens.json", {"<x>": 7}), "added_tokens.json: adds"),
    "a token in another": (lambda folder: write(folder / "special_tokens_map.json", {"additional_special_tokens": ["<x>"]}), "adds"),
    "other rules than its class has": (more("tokenizer_config.json", tokenizer_class="BertTokenizer"), "normalises texts otherwise"),
    "other rules of bytes": (more("tokenizer_config.json", tokenizer_class="RobertaTokenizerFast"), "normalises texts otherwise"),
    "no room for a text": (more("sentence_bert_config.json", max_seq_length=2), "cut at 2 tokens"),
    "a length below nothing": (more("tokenizer_config.json", model_max_length=-5), "model_max_length"),
    "heads below nothing": (more("config.json", num_attention_heads=-4), "config.json: .* -4 heads"),
    "heads that do not share": (more("config.json", num_attention_heads=3), "config.json: .* 3 heads"),
    "an epsilon in words": (more("config.json", layer_norm_eps="0.1"), "config.json: a setting .*layer_norm_eps"),
    "whole numbers": (weights(lambda all: {n: t.to(torch.int8) for n, t in all.items()}), "holds I8"),
    "complex numbers": (weights(lambda all: {n: t.to(torch.complex64) for n, t in all.items()}), "holds C64"),
    "one layer twice": (weights(lambda all: all | {f"bert.{n}": t + 1 for n, t in all.items() if "layer.1" in n}), "have both"),
    "no list of modules": (lambda folder: (folder / "modules.json").unlink(), "modules.json is missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_followed_is_refused_by_its_name(folder: Path, name: str) -> None:
    damage, problem = REFUSED[name]
    damage(folder)
    with pytest.raises(ModelFormatError, match=problem):
        load(folder)


FILES = (
    "modules.json", "config.json", "sentence_bert_config.json", "tokenizer_config.json", "config_sentence_transformers.json",
    "1_Pooling/config.json", "2_Dense/config.json", "tokenizer.json",
)  # fmt: skip


@pytest.mark.parametrize("content", ["null", "[]", "[1]", "3", '"x"', "{", ""])
@pytest.mark.parametrize("file", FILES)
def test_json_of_another_shape_is_one_error_that_names_the_file(folder: Path, file: str, content: str) -> None:
    (folder / file).write_text(content)
    with pytest.raises(ModelFormatError, match=file if content != "[]" else file.rpartition("/")[2]):
        load(folder)


def test_heads_are_left_over_and_a_pooler_may_be_missing(folder: Path) -> None:
    expected = load(folder).encode(TEXTS)
    weights(lambda all: {f"bert.{n}": t for n, t in all.items() if "pooler" not in n} | {"cls.bias": torch.ones(3)})(
        folder
    )
    np.testing.assert_array_equal(load(folder).encode(TEXTS), expected)


def test_settings_without_effect_are_no_obstacle(folder: Path) -> None:
    expected = load(folder).encode(TEXTS)
    more("sentence_bert_config.json", processing_kwargs={}, unpad_inputs=None, query_length=None)(folder)
    more("config_sentence_transformers.json", similarity_fn_name="cosine", __version__={"pytorch": "2"})(folder)
    more("config.json", auto_map={"AutoModel": "x.Y"}, quantization_config=None, transformers_version="9")(folder)
    np.testing.assert_array_equal(load(folder).encode(TEXTS), expected)


def test_lower_case_is_followed(folder: Path, tmp_path: Path) -> None:
    expected = load(folder).encode([text.lower() for text in TEXTS])
    assert np.abs(load(folder).encode(TEXTS) - expected).max() > 1e-3
    more("sentence_bert_config.json", do_lower_case=True)(folder)
    lowered = load(folder)
    np.testing.assert_array_equal(lowered.encode(TEXTS), expected)
    assert cli.run(["convert", str(folder), str(tmp_path / "own")]) == 0
    np.testing.assert_array_equal(load(tmp_path / "own").encode(TEXTS), expected)


def test_a_guessed_pooling_is_said_and_can_be_chosen(
    plain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    guessed = load(plain)
    assert "names no pooling, so mean pooling is a guess" in capsys.readouterr().err
    first = load(plain, pooling="cls")
    assert capsys.readouterr().err == ""
    assert (guessed.describe()["pooling"], first.describe()["pooling"]) == ("mean", "cls")
    assert cli.run(["convert", str(plain), str(tmp_path / "own"), "--pooling", "cls"]) == 0
    assert "no pooling" not in capsys.readouterr().err
    np.testing.assert_array_equal(load(tmp_path / "own").encode(TEXTS), first.encode(TEXTS))
    (tmp_path / "texts.txt").write_text("a text\n")
    assert cli.run(["encode", str(tmp_path / "texts.txt"), "-m", str(plain)]) == 0
    assert "names no pooling" in capsys.readouterr().err
    with pytest.raises(UnknownName, match="no pooling 'mena'"):
        load(plain, pooling="mena")


def test_an_engine_pools_as_it_was_exported(folder: Path, tmp_path: Path) -> None:
    assert cli.run(["export", str(folder), "--output", str(tmp_path / "engine"), "--precision", "fp32"]) == 0
    with pytest.raises(ConfigError, match="pooling out"):
        load(tmp_path / "engine", pooling="cls")


def test_bert_rules_of_the_tokenizers_own_settings_are_followed(folder: Path) -> None:
    rules = {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": None,
        "lowercase": True,
    }
    bert(lambda all: all.update(normalizer=rules))(folder)
    lowered = load(folder).encode(["The Cat"])
    more("tokenizer_config.json", tokenizer_class="BertTokenizer", do_lower_case=False)(folder)
    kept = load(folder).encode(["The Cat"])
    assert np.abs(kept - lowered).max() > 1e-4
    more("tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast")(folder)
    np.testing.assert_array_equal(load(folder).encode(["The Cat"]), lowered)


@pytest.mark.parametrize("named", ["BertTokenizer", "DistilBertTokenizerFast", None])
@pytest.mark.parametrize("config", [True, False])
def test_where_nothing_is_said_bert_is_in_lower_case(folder: Path, named: str | None, config: bool) -> None:
    """Of the class, or where none is named of the model type, whatever tokenizer.json says."""
    said = {"handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    bert(lambda all: all.update(normalizer={"type": "BertNormalizer", "clean_text": True} | said))(folder)
    write(folder / "tokenizer_config.json", {"tokenizer_class": named} if config else {})
    if not config:
        (folder / "tokenizer_config.json").unlink()
    assert np.array_equal(load(folder).encode(["The Café"]), load(folder).encode(["the cafe"]))
    write(folder / "tokenizer_config.json", {"tokenizer_class": named, "do_lower_case": False})
    assert not np.array_equal(load(folder).encode(["The Cat"]), load(folder).encode(["the cat"]))


@pytest.mark.parametrize(("named", "said", "added"), [("RobertaTokenizer", None, False), ("RobertaTokenizer", True, True), ("PreTrainedTokenizerFast", None, True), ("PreTrainedTokenizerFast", False, False)])  # fmt: skip
def test_a_space_before_a_text_is_as_the_settings_say(folder: Path, named: str, said: bool | None, added: bool) -> None:
    bytes_ = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    bert(lambda all: all.update(normalizer=None, pre_tokenizer=bytes_))(folder)
    write(folder / "tokenizer_config.json", {"tokenizer_class": named, "add_prefix_space": said})
    encoder = load(folder)
    assert isinstance(encoder, Encoder)
    assert encoder.tokenizer.rules()["pre_tokenizer"]["add_prefix_space"] is added


def test_a_prompt_may_be_nameless(folder: Path) -> None:
    plainly = load(folder).encode(["query: the cat"])
    write(folder / "config_sentence_transformers.json", {"prompts": {"": "query: "}, "default_prompt_name": ""})
    np.testing.assert_allclose(load(folder).encode(["the cat"]), plainly, atol=1e-6)
