"""Writes models.safetensors: what PyTorch gets from the weights and images that common.numbers makes. Run it in this folder:
    python3 make_models.py
The reference computes in float64 from float32 numbers: PyTorch's own float32 strays from it by more than 1e-3 in the small CE
of the last steps.
- painseeker.steps [6, 3]: loss, CE and PRSC of six Adam steps (lr 1e-4, weight decay 0.01) of PainSeeker on ResNet-18, batch 4,
  96 x 96, and painseeker.classifier, painseeker.conv1: two of its weights afterwards;
- NAME.logits: inference of resnet18, resnet34, resnet50 (2 classes, running statistics from numbers too);
- blackmice.steps [4, 1]: losses of four SGD steps (momentum 0.9, Nesterov) of BlackMice's own network, batch 5, 32 x 32."""
import torch
import torch.nn.functional as F
import torchvision

from common import save
from torch_common import fill, images

torch.set_num_threads(1)


class PainSeeker(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = torchvision.models.resnet18()
        del self.backbone.fc
        self.backbone.fc = torch.nn.Identity()
        self.attention = torch.nn.Linear(512, 1)
        self.classifier = torch.nn.Linear(512, 2)

    def forward(self, x):
        b = self.backbone
        x = b.maxpool(b.relu(b.bn1(b.conv1(x))))
        x = b.layer4(b.layer3(b.layer2(b.layer1(x))))
        regions = x.flatten(2).transpose(1, 2)
        score = torch.sigmoid(self.attention(regions))
        beta = score / score.sum(1, keepdim=True)
        return self.classifier((beta * regions).sum(1)), beta.squeeze(2)


def prsc(beta, margin, top):
    high, _ = torch.topk(beta, top, 1)
    rest = (beta.sum(1) - high.sum(1)) / (beta.shape[1] - top)
    return torch.clamp(margin - (high - rest[:, None]), min=0).mean(1).mean()


class BlackMice(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.backbone = torch.nn.Module()
        for i, (c, out) in enumerate([(3, 32), (32, 32), (32, 64)]):
            setattr(self.backbone, f"conv{i + 1}", torch.nn.Conv2d(c, out, 3, padding=1))
        self.backbone.fc1 = torch.nn.Linear(64 * (size // 8) ** 2, 128)
        self.backbone.fc2 = torch.nn.Linear(128, 128)
        self.classifier = torch.nn.Linear(128, 2)

    def forward(self, x):
        b = self.backbone
        for conv in (b.conv1, b.conv2, b.conv3):
            x = F.max_pool2d(torch.relu(conv(x)), 2)
        return self.classifier(torch.relu(b.fc2(torch.relu(b.fc1(x.flatten(1))))))


def main():
    result = {}
    model = PainSeeker().train()
    fill(model.double())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, weight_decay=0.01)
    x, labels, steps = images(4, 96), torch.tensor([0, 1, 1, 0]), []
    for _ in range(6):
        logits, beta = model(x)
        ce, extra = F.cross_entropy(logits, labels), prsc(beta, 0.2, 5)
        loss = ce + 0.1 * extra
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        steps.append([loss.item(), ce.item(), extra.item()])
    result["painseeker.steps"] = steps
    result["painseeker.classifier"] = model.classifier.weight.detach().numpy()
    result["painseeker.conv1"] = model.backbone.conv1.weight.detach().numpy()
    for name in ("resnet18", "resnet34", "resnet50"):
        model = getattr(torchvision.models, name)(num_classes=2).double()
        fill(model)
        model.eval()
        with torch.no_grad():
            result[name + ".logits"] = model(images(2, 96)).numpy()
    model = BlackMice(32)
    fill(model.double())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, nesterov=True)
    x, labels, steps = images(5, 32), torch.tensor([0, 1, 1, 0, 1]), []
    for _ in range(4):
        loss = F.cross_entropy(model(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        steps.append([loss.item()])
    result["blackmice.steps"] = steps
    save("models.safetensors", result)


main()
