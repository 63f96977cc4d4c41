import functools

import keras
import numpy as np
import pytest
from keras import ops

from stylenet import batch, images, optimization
from stylenet.optimization import minimize, value_and_gradient

RANDOM = np.random.default_rng(0)
TARGET = RANDOM.uniform(50, 200, (6, 5, 3)).astype("float32")
SCALE = RANDOM.uniform(1, 10, (6, 5, 3)).astype("float32")
START = np.full((6, 5, 3), 128, "float32")


def bowl(image):
    """A quadratic whose smallest value is 0, at TARGET."""
    return {"bowl": ops.sum(SCALE * ops.square(image - TARGET))}


def valley(image):
    """Rosenbrock's function of neighboring values: curved, never done in a few steps."""
    x = image / 100.0
    return {
        "wall": 100.0 * ops.sum(ops.square(x[:, 1:] - ops.square(x[:, :-1]))),
        "floor": ops.sum(ops.square(1.0 - x)),
    }


def run(terms=valley, start=START, num_steps=20, **options):
    return minimize(terms, start, num_steps, progress=False, **options)


def test_the_gradient_of_a_quadratic_is_that_of_calculus():
    terms, gradient = value_and_gradient(bowl)(START[None])
    np.testing.assert_allclose(terms["bowl"], np.sum(SCALE * (START - TARGET) ** 2), rtol=1e-5)
    np.testing.assert_allclose(gradient[0], 2 * SCALE * (START - TARGET), rtol=1e-5)


def test_the_gradient_is_that_of_the_sum_of_the_terms():
    both = value_and_gradient(valley)(START[None])[1]
    parts = [
        value_and_gradient(lambda image, name=name: {name: valley(image)[name]})(START[None])[1]
        for name in ("wall", "floor")
    ]
    np.testing.assert_allclose(both, sum(parts), rtol=1e-5, atol=1e-5)


def squares_of_rows_taken(image):
    return ops.sum(ops.square(ops.take(image, [0, 2, 2], axis=1)))


def squares_row_by_row(image):
    """A Python loop over a tensor, which TensorFlow can't compile."""
    rows = [ops.sum(ops.square(row)) for row in image[0]]
    return rows[0] + 2 * rows[2]


def squares_mapped(image):
    rows = ops.take(image[0], [0, 2, 2], axis=0)
    return ops.sum(ops.vectorized_map(lambda row: ops.sum(ops.square(row)), rows))


@pytest.mark.parametrize("loss", [squares_of_rows_taken, squares_row_by_row, squares_mapped])
def test_the_gradient_of_single_rows_is_an_array_like_the_picture(loss):
    terms, gradient = value_and_gradient(lambda image: {"loss": loss(image)})(START[None])
    expected = np.zeros_like(START)
    expected[0], expected[2] = 2 * START[0], 4 * START[2]
    np.testing.assert_allclose(gradient, expected[None], rtol=1e-6)
    assert terms["loss"] == pytest.approx(np.sum(START * expected) / 2, rel=1e-5)


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    "loss",
    [
        lambda image: ops.sum(ops.stop_gradient(image)),
        lambda image: ops.convert_to_tensor(np.sum(image)),
        lambda image: 3.0,
    ],
)
def test_a_loss_that_is_a_constant_is_refused(loss):
    with pytest.raises(ValueError, match="does not depend on the picture"):
        value_and_gradient(lambda image: {"loss": loss(image)})(START[None])


def test_lbfgs_finds_the_bottom_of_a_quadratic():
    np.testing.assert_allclose(run(bowl, num_steps=80).image, TARGET, atol=0.05)


def test_adam_finds_the_bottom_of_a_quadratic():
    result = run(bowl, num_steps=150, optimizer="adam")
    np.testing.assert_allclose(result.image, TARGET, atol=0.5)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_exactly_so_many_steps_are_taken_and_told(optimizer):
    seen = []
    result = run(num_steps=17, optimizer=optimizer, callback=lambda *step: seen.append(step))
    assert [number for number, _, _ in seen] == list(range(1, 18))
    assert len(result.history) == 17
    for (_, terms, image), record in zip(seen, result.history, strict=True):
        assert image.shape == START.shape
        assert record == {**terms, "loss": sum(terms.values())}
        assert set(terms) == {"wall", "floor"}


def test_the_first_step_moves_the_pixels_by_about_a_grey_level():
    seen = []
    run(num_steps=2, callback=lambda number, terms, image: seen.append(image))
    assert 0.5 < np.sqrt(np.mean((seen[1] - seen[0]) ** 2)) < 2


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_the_best_picture_is_returned_not_the_last(optimizer):
    seen = []
    result = run(optimizer=optimizer, callback=lambda n, terms, image: seen.append(image.copy()))
    losses = [step["loss"] for step in result.history]
    np.testing.assert_allclose(result.image, np.clip(seen[np.argmin(losses)], 0, 255))


def test_a_text_is_put_before_the_steps(monkeypatch):
    shown = []
    hidden = functools.partial(optimization.progress_bar, disable=True)
    monkeypatch.setattr(
        optimization, "progress_bar", lambda disable, **told: shown.append(told) or hidden(**told)
    )
    for told in (True, "5 x 6: "):
        minimize(bowl, START, 1, progress=told)
    assert [each["desc"] for each in shown] == [None, "5 x 6: "]


def test_interrupted_it_returns_the_best_so_far():
    def interrupt(number, terms, image):
        if number == 5:
            raise KeyboardInterrupt

    result = run(callback=interrupt)
    assert len(result.history) == 5
    assert result.image.shape == START.shape
    assert result.interrupted and not run().interrupted


class Interrupted:
    """Draws by optimizing; at the second step somebody types Ctrl-C, once."""

    def __init__(self):
        self.begun = 0

    def __call__(self, picture):
        self.begun += 1
        return run(start=picture, num_steps=3, callback=self.interrupt).image

    def interrupt(self, number, terms, image):
        if number == 2 and self.begun == 1:
            raise KeyboardInterrupt


def photographs(folder, count):
    for number in range(count):
        images.save_image(folder / f"{number}.png", START + number)


def test_one_of_several_photographs_interrupted_ends_all(tmp_path):
    photographs(tmp_path / "in", 2)
    draw = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        batch.draw_files([tmp_path / "in"], tmp_path / "out", draw)
    assert draw.begun == 1 and not list((tmp_path / "out").glob("*.png"))


def test_a_single_photograph_interrupted_is_written(tmp_path):
    photographs(tmp_path / "in", 1)
    assert batch.draw_files([tmp_path / "in" / "0.png"], tmp_path / "out.png", Interrupted()) == 0
    assert images.load_image(tmp_path / "out.png").shape == START.shape


def test_a_clip_interrupted_at_a_frame_ends(tmp_path):
    pytest.importorskip("av")
    pytest.importorskip("cv2")
    from stylenet import video

    photographs(tmp_path / "in", 3)
    draw = Interrupted()
    options = {"method": "frames", "progress": False}
    with pytest.raises(KeyboardInterrupt):
        video.stylize_video(tmp_path / "in", tmp_path / "out", draw, **options)
    assert draw.begun == 1 and not (tmp_path / "out").exists()


def test_a_figure_interrupted_at_a_picture_ends_and_so_do_the_others(tmp_path, monkeypatch):
    from stylenet.figures import catalog

    draw = Interrupted()
    monkeypatch.setitem(catalog.FIGURES, "gabor", lambda: [draw(START), draw(START)])
    with pytest.raises(KeyboardInterrupt):
        list(catalog.draw(["gabor", "field"], tmp_path))
    assert draw.begun == 1 and not list(tmp_path.iterdir())


def test_interrupted_before_the_first_step_it_has_nothing_to_return(monkeypatch):
    def interrupt(steps, image, learning_rate):
        raise KeyboardInterrupt

    monkeypatch.setitem(optimization.OPTIMIZERS, "lbfgs", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run()


def test_the_result_is_within_0_and_255():
    result = run(lambda image: {"far": ops.sum(ops.square(image - 900.0))})
    np.testing.assert_array_equal(result.image, 255)


def test_a_result_is_an_array_where_one_is_expected():
    result = run(bowl, num_steps=3)
    np.testing.assert_array_equal(np.asarray(result), result.image)
    assert np.asarray(result, "float64").dtype == "float64"
    assert np.asarray(result) is result.image  # not copied
    copy = np.array(result)
    copy += 1
    assert (copy != result.image).all()


def test_where_nothing_is_left_to_gain_it_stops_early():
    result = run(lambda image: {"flat": ops.sum(ops.square(image - START))})
    assert len(result.history) < 20
    np.testing.assert_array_equal(result.image, START)


def test_a_loss_that_is_not_finite_is_named():
    def broken(image):
        return {"sound": ops.sum(image), "sick": ops.sum(image) * float("inf")}

    with pytest.raises(ValueError, match="sick became inf at step 1"):
        run(broken)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"optimizer": "sgd"}, "optimizer to be one of"),
        ({"num_steps": 0}, "num_steps to be a whole number from 1"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        run(**options)


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "numpy")
    with pytest.raises(ValueError, match="KERAS_BACKEND"):
        value_and_gradient(bowl)
