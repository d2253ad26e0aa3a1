"""What advice stands on: a claim whose source cannot be named here is not made. docs/sources.md is for readers."""

from collections.abc import Mapping
from types import MappingProxyType

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "Alaa 2022": (
            "Alaa, van Breugel, Saveliev, van der Schaar, How Faithful is your Synthetic Data?, ICML 2022, "
            "arXiv:2102.08921"
        ),
        "Alemohammad 2024": "Alemohammad et al., Self-Consuming Generative Models Go MAD, ICLR 2024, arXiv:2307.01850",
        "Annamalai 2024": (
            'Annamalai, Ganev, De Cristofaro, "What do you want from theory alone?" Experimenting with Tight '
            "Auditing of Differentially Private Synthetic Data Generation, USENIX Security 2024, arXiv:2405.10994"
        ),
        "Barocas 2016": "Barocas, Selbst, Big Data's Disparate Impact, California Law Review 104, 2016",
        "Buolamwini 2018": (
            "Buolamwini, Gebru, Gender Shades: Intersectional Accuracy Disparities in Commercial Gender "
            "Classification, FAT* 2018"
        ),
        "Carlini 2022": (
            "Carlini et al., Membership Inference Attacks From First Principles, IEEE S&P 2022, arXiv:2112.03570"
        ),
        "Chawla 2002": (
            "Chawla, Bowyer, Hall, Kegelmeyer, SMOTE: Synthetic Minority Over-sampling Technique, JAIR 16, 2002"
        ),
        "Chen 2021": "Chen et al., Evaluating Large Language Models Trained on Code, 2021, arXiv:2107.03374",
        "Decruyenaere 2024": (
            "Decruyenaere et al., The Real Deal Behind the Artificial Appeal: Inferential Utility of Tabular "
            "Synthetic Data, UAI 2024, arXiv:2312.07837"
        ),
        "Dohmatob 2025": "Dohmatob, Feng, Subramonian, Kempe, Strong Model Collapse, ICLR 2025, arXiv:2410.04840",
        "Dwork 2014": (
            "Dwork, Roth, The Algorithmic Foundations of Differential Privacy, Foundations and Trends in "
            "Theoretical Computer Science 9, 2014"
        ),
        "Dwork 2015": (
            "Dwork, Feldman, Hardt, Pitassi, Reingold, Roth, The reusable holdout: Preserving validity in "
            "adaptive data analysis, Science 349, 2015"
        ),
        "Elkan 2001": "Elkan, The Foundations of Cost-Sensitive Learning, IJCAI 2001",
        "EU 2024/1689": "Regulation (EU) 2024/1689 (Artificial Intelligence Act), articles 10, 50 and 53",
        "Feng 2024": (
            "Feng, Dohmatob, Yang, Charton, Kempe, Beyond Model Collapse: Scaling Up with Synthesized Data "
            "Requires Verification, 2024, arXiv:2406.07515"
        ),
        "Gama 2014": (
            "Gama, Zliobaite, Bifet, Pechenizkiy, Bouchachia, A survey on concept drift adaptation, ACM Computing"
            " Surveys 46, 2014"
        ),
        "Ganev 2025": (
            "Ganev, De Cristofaro, The Inadequacy of Similarity-based Privacy Metrics: Privacy Attacks against "
            '"Truly Anonymous" Synthetic Datasets, IEEE S&P 2025, arXiv:2312.05114'
        ),
        "Gebru 2021": "Gebru et al., Datasheets for Datasets, Communications of the ACM 64, 2021, arXiv:1803.09010",
        "Geirhos 2020": (
            "Geirhos et al., Shortcut learning in deep neural networks, Nature Machine Intelligence 2, 2020, "
            "arXiv:2004.07780"
        ),
        "Germain 2015": (
            "Germain, Gregor, Murray, Larochelle, MADE: Masked Autoencoder for Distribution Estimation, ICML "
            "2015, arXiv:1502.03509"
        ),
        "Gerstgrasser 2024": (
            "Gerstgrasser et al., Is Model Collapse Inevitable? Breaking the Curse of Recursion by Accumulating "
            "Real and Synthetic Data, 2024, arXiv:2404.01413"
        ),
        "Grinsztajn 2022": (
            "Grinsztajn, Oyallon, Varoquaux, Why do tree-based models still outperform deep learning on typical "
            "tabular data?, NeurIPS 2022, arXiv:2207.08815"
        ),
        "Gudibande 2024": (
            "Gudibande et al., The False Promise of Imitating Proprietary Language Models, ICLR 2024, arXiv:2305.15717"
        ),
        "Kapoor 2023": (
            "Kapoor, Narayanan, Leakage and the reproducibility crisis in machine-learning-based science, "
            "Patterns 4, 2023"
        ),
        "Kotelnikov 2023": (
            "Kotelnikov, Baranchuk, Rubachev, Babenko, TabDDPM: Modelling Tabular Data with Diffusion Models, "
            "ICML 2023, arXiv:2209.15421"
        ),
        "Lee 2022": "Lee et al., Deduplicating Training Data Makes Language Models Better, ACL 2022, arXiv:2107.06499",
        "Lightman 2024": "Lightman et al., Let's Verify Step by Step, ICLR 2024, arXiv:2305.20050",
        "Longpre 2024": (
            "Longpre et al., A large-scale audit of dataset licensing and attribution in AI, Nature Machine "
            "Intelligence 6, 2024, arXiv:2310.16787"
        ),
        "McKenna 2022": (
            "McKenna, Mullins, Sheldon, Miklau, AIM: An Adaptive and Iterative Mechanism for Differentially "
            "Private Synthetic Data, VLDB 2022, arXiv:2201.12677"
        ),
        "Min 2023": (
            "Min et al., FActScore: Fine-grained Atomic Evaluation of Factual Precision in Long Form Text "
            "Generation, EMNLP 2023, arXiv:2305.14251"
        ),
        "Mitchell 2019": "Mitchell et al., Model Cards for Model Reporting, FAT* 2019, arXiv:1810.03993",
        "Nowok 2016": (
            "Nowok, Raab, Dibben, synthpop: Bespoke Creation of Synthetic Data in R, Journal of Statistical "
            "Software 74, 2016"
        ),
        "Panickssery 2024": (
            "Panickssery, Bowman, Feng, LLM Evaluators Recognize and Favor Their Own Generations, NeurIPS 2024, "
            "arXiv:2404.13076"
        ),
        "Patki 2016": "Patki, Wedge, Veeramachaneni, The Synthetic Data Vault, DSAA 2016",
        "Raghunathan 2003": (
            "Raghunathan, Reiter, Rubin, Multiple Imputation for Statistical Disclosure Limitation, Journal of "
            "Official Statistics 19, 2003"
        ),
        "Roberts 2017": (
            "Roberts et al., Cross-validation strategies for data with temporal, spatial, hierarchical, or "
            "phylogenetic structure, Ecography 40, 2017"
        ),
        "Settles 2009": (
            "Settles, Active Learning Literature Survey, University of Wisconsin–Madison, Computer Sciences "
            "Technical Report 1648, 2009"
        ),
        "Shorten 2019": (
            "Shorten, Khoshgoftaar, A survey on Image Data Augmentation for Deep Learning, Journal of Big Data 6, 2019"
        ),
        "Shumailov 2024": (
            "Shumailov et al., AI models collapse when trained on recursively generated data, Nature 631, 2024"
        ),
        "Stadler 2022": (
            "Stadler, Oprisanu, Troncoso, Synthetic Data – Anonymisation Groundhog Day, USENIX Security 2022, "
            "arXiv:2011.07018"
        ),
        "Tobin 2017": (
            "Tobin et al., Domain Randomization for Transferring Deep Neural Networks from Simulation to the Real"
            " World, IROS 2017, arXiv:1703.06907"
        ),
        "Tremblay 2018": (
            "Tremblay et al., Training Deep Networks with Synthetic Data: Bridging the Reality Gap by Domain "
            "Randomization, CVPR Workshops 2018, arXiv:1804.06516"
        ),
        "van Breugel 2023": (
            "van Breugel, Qian, van der Schaar, Synthetic data, real errors: how (not) to publish and use "
            "synthetic data, ICML 2023, arXiv:2305.09235"
        ),
        "van den Goorbergh 2022": (
            "van den Goorbergh, van Smeden, Timmerman, Van Calster, The harm of class imbalance corrections for "
            "risk prediction models, JAMIA 29, 2022, arXiv:2202.09101"
        ),
        "Wang 2023": (
            "Wang et al., Self-Instruct: Aligning Language Models with Self-Generated Instructions, ACL 2023, "
            "arXiv:2212.10560"
        ),
        "Xu 2019": (
            "Xu, Skoularidou, Cuesta-Infante, Veeramachaneni, Modeling Tabular data using Conditional GAN, "
            "NeurIPS 2019, arXiv:1907.00503"
        ),
        "Yang 2023": (
            "Yang, Chiang, Zheng, Gonzalez, Stoica, Rethinking Benchmark and Contamination for Language Models "
            "with Rephrased Samples, 2023, arXiv:2311.04850"
        ),
        "Yao 2025": (
            "Yao, Krčo, Ganev, de Montjoye, The DCR Delusion: Measuring the Privacy Risk of Synthetic Data, 2025,"
            " arXiv:2505.01524"
        ),
        "Zheng 2023": (
            "Zheng et al., Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena, NeurIPS 2023, arXiv:2306.05685"
        ),
    }
)
"""The works that are cited, by the name that they are cited under."""
