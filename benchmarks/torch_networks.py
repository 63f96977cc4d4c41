"""The same method in PyTorch, as the yardstick: networks, losses and a training step.

`example_network` and `train_step` follow PyTorch's example for fast neural style,
https://github.com/pytorch/examples/tree/main/fast_neural_style, written anew from its
architecture. `course_network` is `stylenet.transform_net` with its defaults. Pictures are
`(batch, 3, height, width)` in [0, 255].
"""

import torch
from torch import nn
from torch.nn import functional

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# Filters of VGG16 up to relu4_3; "pool" halves, "out" returns what there is.
VGG16 = (64, 64, "out", "pool", 128, 128, "out", "pool", 256, 256, 256, "out", "pool")
VGG16 += (512, 512, 512, "out")
# VGG19: relu1_1, relu2_1, relu3_1, relu4_1, relu4_2 and relu5_1.
VGG19 = (64, "out", 64, "pool", 128, "out", 128, "pool", 256, "out", 256, 256, 256, "pool")
VGG19 += (512, "out", 512, "out", 512, 512, "pool", 512, "out")


def reflecting_convolution(channels, filters, size, stride=1):
    """Reflection padding and a convolution with bias."""
    return [nn.ReflectionPad2d(size // 2), nn.Conv2d(channels, filters, size, stride)]


def zero_convolution(channels, filters, size, stride=1):
    """Zero padding, for stride 2 only at the bottom and on the right, and no bias."""
    above = (size - 1) // 2 if stride == 1 else 0
    below = size // 2 if stride == 1 else 1
    convolution = nn.Conv2d(channels, filters, size, stride, bias=False)
    if above == below:
        convolution.padding = (above, above)
        return [convolution]
    return [nn.ZeroPad2d((above, below, above, below)), convolution]


def normalized(convolution, filters):
    """The convolution's layers, instance normalization, ReLU."""
    return [*convolution, nn.InstanceNorm2d(filters, affine=True), nn.ReLU()]


class ResidualBlock(nn.Module):
    """x + f(x), no ReLU after the sum."""

    def __init__(self, convolution, filters=128):
        super().__init__()
        first = normalized(convolution(filters, filters, 3), filters)
        second = normalized(convolution(filters, filters, 3), filters)[:-1]
        self.body = nn.Sequential(*first, *second)

    def forward(self, x):
        return x + self.body(x)


def _encoder(convolution):
    return [
        *normalized(convolution(3, 32, 9), 32),
        *normalized(convolution(32, 64, 3, 2), 64),
        *normalized(convolution(64, 128, 3, 2), 128),
        *(ResidualBlock(convolution) for _ in range(5)),
    ]


def example_network():
    """PyTorch's: reflection padding, nearest upsampling, biases, a plain last convolution."""
    layers = _encoder(reflecting_convolution)
    for channels, filters in ((128, 64), (64, 32)):
        upsampling = nn.Upsample(scale_factor=2, mode="nearest")
        convolution = reflecting_convolution(channels, filters, 3)
        layers += normalized([upsampling, *convolution], filters)
    return nn.Sequential(*layers, *reflecting_convolution(32, 3, 9)).to(DEVICE)


class ScaledTanh(nn.Module):
    """150 tanh(x) + 127.5."""

    def forward(self, x):
        return 150.0 * torch.tanh(x) + 127.5


def course_network():
    """The course's: zero padding, transposed convolutions, scaled tanh."""
    layers = _encoder(zero_convolution)
    for channels, filters in ((128, 64), (64, 32)):
        transposed = nn.ConvTranspose2d(channels, filters, 3, 2, 1, 1, bias=False)
        layers += normalized([transposed], filters)
    layers += [*zero_convolution(32, 3, 9), nn.InstanceNorm2d(3, affine=True), ScaledTanh()]
    return nn.Sequential(*layers).to(DEVICE)


class LossNetwork(nn.Module):
    """VGG16 or VGG19 with random weights; returns the responses where its plan says "out"."""

    def __init__(self, plan=VGG16):
        super().__init__()
        self.plan = plan
        sizes = [entry for entry in plan if isinstance(entry, int)]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(channels, filters, 3, padding=1)
            for channels, filters in zip([3, *sizes], sizes, strict=False)
        )
        self.requires_grad_(False)
        mean, deviation = torch.tensor(IMAGENET_MEAN), torch.tensor(IMAGENET_DEVIATION)
        self.register_buffer("mean", mean[:, None, None])
        self.register_buffer("deviation", deviation[:, None, None])

    def forward(self, pictures):
        x, features = (pictures / 255.0 - self.mean) / self.deviation, []
        convolutions = iter(self.convolutions)
        for entry in self.plan:
            if entry == "out":
                features.append(x)
            elif entry == "pool":
                x = functional.max_pool2d(x, 2)
            else:
                x = functional.relu(next(convolutions)(x))
        return features


def gram_matrix(features):
    """`(batch, channels, channels)`, divided by channels * height * width."""
    batch, channels, height, width = features.shape
    psi = features.reshape(batch, channels, height * width)
    return psi @ psi.transpose(1, 2) / (channels * height * width)


def train_step(network, style_picture, compiled=False, half=False):
    """A function of a batch that takes one step of Adam and returns the loss.

    `half` computes convolutions and products of matrices in bfloat16, by PyTorch's autocast.
    """
    loss_network = LossNetwork().to(DEVICE)
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    style_grams = [gram_matrix(features) for features in loss_network(style_picture)]

    def loss_of(batch):
        with torch.autocast(DEVICE, torch.bfloat16, enabled=half):
            features, content_features = loss_network(network(batch)), loss_network(batch)
        if half:  # sums of squares need the range of single precision
            features, content_features = (
                [maps.float() for maps in seen] for seen in (features, content_features)
            )
        content = functional.mse_loss(features[1], content_features[1])
        style = sum(
            functional.mse_loss(gram_matrix(maps), gram.expand(len(batch), -1, -1))
            for maps, gram in zip(features, style_grams, strict=True)
        )
        return 1e5 * content + 1e10 * style

    if compiled:
        loss_of = torch.compile(loss_of)

    def step(batch):
        optimizer.zero_grad()
        loss = loss_of(batch)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def gatys_step(content, style, channels_last=False, compiled=False):
    """A function of a picture: Gatys' loss as a number, and its gradient."""
    layout = torch.channels_last if channels_last else torch.contiguous_format
    network = LossNetwork(VGG19).to(DEVICE).to(memory_format=layout)
    with torch.no_grad():
        target = network(content)[4]
        grams = [gram_matrix(maps) for maps in _style_maps(network(style))]

    def loss_of(picture):
        features = network(picture)
        loss = functional.mse_loss(features[4], target)
        for maps, gram in zip(_style_maps(features), grams, strict=True):
            loss = loss + 1e3 / maps.shape[1] ** 2 * (gram_matrix(maps) - gram).square().sum()
        return loss

    if compiled:
        loss_of = torch.compile(loss_of)

    def step(picture):
        picture = picture.to(memory_format=layout).requires_grad_()
        loss = loss_of(picture)
        (gradient,) = torch.autograd.grad(loss, picture)
        return loss.item(), gradient.cpu().numpy()

    return step


def _style_maps(features):
    return features[:4] + features[5:]
